"""Folders of pages: whole or not at all, and nobody else's file is lost."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

from attnclf.bundle.atomic import exchanged, followed, sync_directory
from attnclf.bundle.leftovers import remove_leftovers, temporary_directory
from attnclf.errors import DataError

PAGES, OLD = "pages", "old"  # within a temporary directory
NAME_ANOTHER = "name another folder with -o"


@contextlib.contextmanager
def open_folder(path: Path, is_page: Callable[[str], bool]) -> Iterator[Path]:
    """A temporary folder beside `path`, which takes its place when everything went well.

    A folder that is there is replaced if it holds pages only, as their names say. Raises DataError where it holds anything
    else, and where nothing can be written.
    """
    place = followed(path)  # a link to a folder stays a link
    try:
        _check(path, is_page)
        remove_leftovers(place, frozenset({PAGES}))
        with temporary_directory(place) as temporary:
            pages = temporary / PAGES
            pages.mkdir()
            yield pages
            sync_directory(pages)
            _check(path, is_page)
            _put(pages, place, temporary / OLD)
            sync_directory(place.parent)
    except OSError as error:
        raise DataError(f"cannot write '{path}': {error.strerror}", hint=NAME_ANOTHER) from error


def _check(path: Path, is_page: Callable[[str], bool]) -> None:
    if not path.exists():
        return
    if not path.is_dir():
        raise DataError(f"'{path}' is a file, and pages go to a folder", hint=NAME_ANOTHER)
    strangers = sorted(child.name for child in path.iterdir() if not is_page(child.name))
    if strangers:
        what = f"'{path}' holds '{strangers[0]}', and pages replace nothing but a folder of pages"
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
