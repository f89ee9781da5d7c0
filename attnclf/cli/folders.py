"""Folders of pages: whole or not at all, and nobody else's file is lost."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from attnclf.bundle.atomic import exchanged, followed, make_folder, sync_directory
from attnclf.bundle.leftovers import remove_leftovers, temporary_directory
from attnclf.cli.output import check_outside_models
from attnclf.errors import DataError

PAGES, OLD = "pages", "old"  # within a temporary directory
NAME_ANOTHER = "name another folder with -o"
HEAD = 1_000  # bytes of an index in which its mark stands


@dataclass(frozen=True)
class Pages:
    """What a folder of pages holds: an `index` that has the `mark` in its head, and files of whose names `is_page` is true.

    `whole` is such a folder in words.
    """

    index: str
    mark: str
    is_page: Callable[[str], bool]
    whole: str = "a folder of pages"

    def stranger(self, folder: Path) -> str:
        """The name of a file there that is none of these pages; "" where there is none."""
        found = sorted(folder.iterdir())
        others = [child.name for child in found if not (child.is_file() and self.is_page(child.name))]
        if others or not found:
            return others[0] if others else ""
        index = folder / self.index
        if index not in found:
            return found[0].name
        return "" if self._is_ours(index) else index.name

    def _is_ours(self, index: Path) -> bool:
        with index.open("rb") as stream:
            return self.mark.encode() in stream.read(HEAD)


@contextlib.contextmanager
def open_folder(path: Path, kind: Pages) -> Iterator[Path]:
    """A temporary folder beside `path`, which takes its place when everything went well.

    A folder that is there is replaced if it is empty, or holds such pages and nothing else. Raises DataError where it holds
    anything else, and where nothing can be written, and UsageError where it lies in a model directory.
    """
    check_outside_models("-o", path)
    place = followed(path)  # a link to a folder stays a link
    try:
        _check(path, kind)
        make_folder(place.absolute().parent)
        remove_leftovers(place, frozenset({PAGES}))
        with temporary_directory(place) as temporary:
            pages = temporary / PAGES
            pages.mkdir()
            yield pages
            sync_directory(pages)
            _check(path, kind)
            _put(pages, place, temporary / OLD)
            sync_directory(place.parent)
    except OSError as error:
        raise DataError(f"cannot write '{path}': {error.strerror}", hint=NAME_ANOTHER) from error


def _check(path: Path, kind: Pages) -> None:
    if not path.exists():
        return
    if not path.is_dir():
        raise DataError(f"'{path}' is a file, and not a folder", hint=NAME_ANOTHER)
    if stranger := kind.stranger(path):
        what = f"'{path}' holds '{stranger}', and nothing but {kind.whole} is replaced"
        raise DataError(what, hint=f"{NAME_ANOTHER}; nothing there was touched")


def _put(pages: Path, path: Path, old: Path) -> None:
    if not path.exists():
        pages.rename(path)
    elif not exchanged(pages, path):  # by this system, or on this file system
        path.rename(old)
        try:
            pages.rename(path)
        except BaseException:
            old.rename(path)
            raise
