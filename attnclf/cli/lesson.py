"""`lesson`: a name → a small model trained with progress → scores, known answers and heat maps; without a name, the list."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from attnclf.cli import screen
from attnclf.cli.lesson_progress import LessonProgress
from attnclf.cli.options import OUTPUT, TRAINING, AsJson
from attnclf.cli.output import check_outputs, open_bytes, open_output
from attnclf.cli.showing import show_json
from attnclf.data.compression import SUFFIXES
from attnclf.errors import UsageError
from attnclf.lessons import LESSONS, check_saves, minutes_of, shortened, text_of, with_a_choice
from attnclf.lessons.teaching import lesson_of, taught
from attnclf.render import lessons as render
from attnclf.render import prose
from attnclf.results import Note
from attnclf.results.lessons import LessonResult, Value

LESSON = "Lesson"
NAME_ANOTHER, NAME_ANOTHER_TO_SAVE = "name another file with --html", "name another file with --save"


def lesson_command(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="The lesson. Without it, all are listed.", rich_help_panel=LESSON)
    ] = None,
    attention: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help=f"The mechanism; for the lessons {', '.join(with_a_choice())}.", rich_help_panel=LESSON
        ),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="A smaller form that takes a minute.", rich_help_panel=TRAINING)
    ] = False,
    seed: Annotated[
        int | None,
        typer.Option(metavar="N", min=0, help="For data, weights and order.", show_default="0", rich_help_panel=TRAINING),
    ] = None,
    page: Annotated[
        Path | None,
        typer.Option(
            "--html", metavar="FILE", help="Write it as a page too. An existing file is replaced.", rich_help_panel=OUTPUT
        ),
    ] = None,
    save: Annotated[
        Path | None,
        typer.Option(
            "--save",
            metavar="FILE",
            help="Write what was learned, for `attnclf train --init FILE`; where a lesson has such weights. An existing file "
            "is replaced.",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    as_json: AsJson = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Print a line for each epoch.", rich_help_panel=OUTPUT)
    ] = False,
) -> None:
    """Learn what attention does beyond classification: train a small model on data that it makes, and see where it looks."""
    if name is None:
        if attention is not None or quick or seed is not None or page or save or verbose:
            raise UsageError(
                "these options are of a lesson, and none is named", hint="name one; attnclf lesson lists the lessons"
            )
        _list(as_json)
        return
    given: dict[str, Value | None] = {"attention": attention, "seed": seed}
    settings = {key: value for key, value in given.items() if value is not None}
    lesson = lesson_of(name, settings, quick)  # says what is wrong before Keras starts
    if save:
        check_saves(name)
        if save.suffix.lower() in SUFFIXES:
            raise UsageError(f"--save {save} would be compressed, and --init reads no such file", hint=NAME_ANOTHER_TO_SAVE)
    check_outputs((), save=save, html=page)
    if not as_json:
        with open_output(None) as stream:  # to be read while it trains
            console = screen.results_console(stream)
            console.print(*prose.on_terminal(text_of(name), console.width), "", sep="\n")
            stream.flush()
    if quick:
        changed, left_out = shortened(lesson)
        without = f"; not trained here: {'; '.join(left_out)}" if left_out else ""
        screen.show_note(Note(f"{render.in_short(changed)}{without}", topic="quick form"))
    result = _taught(name, settings, quick, verbose)
    try:
        if as_json:
            show_json(result.to_dict())
        else:
            with open_output(None) as stream:
                console = screen.results_console(stream)
                console.print(render.on_terminal(result, colour=screen.has_colour(console), width=console.width))
    finally:  # also where the result cannot be written
        _save(result, save, page)


def _save(result: LessonResult, save: Path | None, page: Path | None) -> None:
    if save:
        with open_bytes(save, NAME_ANOTHER_TO_SAVE) as file:
            file.write(result.taught.weights)
        size = f" --size {result.settings['size']}" if "size" in result.settings else ""
        screen.show_note(Note(f"{save}: attnclf train DATA --encoder transformer{size} --init {save}", topic="saved"))
    if page:
        with open_output(page, NAME_ANOTHER) as stream:
            stream.writelines(render.page(result, text_of(result.lesson)))
        screen.show_note(Note(str(page), topic="saved"))


def _list(as_json: bool) -> None:
    known = [(name, LESSONS.meanings[name], minutes_of(name)) for name in LESSONS.names()]
    if as_json:
        show_json([dict(zip(("name", "meaning", "minutes"), one, strict=True)) for one in known])
        return
    with open_output(None) as stream:
        screen.results_console(stream).print(render.listed(known))


def _taught(name: str, settings: Mapping[str, Value], quick: bool, verbose: bool) -> LessonResult:
    try:
        with LessonProgress(screen.stderr(), verbose) as progress:
            return taught(name, settings, quick, progress, progress.importing())
    except KeyboardInterrupt:
        screen.show_note(Note("interrupted; a lesson keeps nothing", warning=True))
        raise typer.Exit(130) from None
