"""How `explain` writes the explanations of texts: which methods it shows, and in which format."""

from collections.abc import Iterable
from typing import TextIO

from attnclf.cli import screen
from attnclf.cli.inputs import Item
from attnclf.errors import UsageError
from attnclf.render import html, records, terminal
from attnclf.results import Explanation, Faithfulness, Note

ALWAYS = ("attention", "evidence", "both")  # methods whose numbers every explanation has


def shown_methods(method: str, unsigned: bool) -> tuple[str, ...]:
    """The methods to show for `--method` and `--unsigned`."""
    attention = "attention" if unsigned else "signed_attention"
    if method in ("", "attention", "both"):
        return (attention, "evidence") if method == "both" else (attention,)
    if unsigned:
        raise UsageError(f"--unsigned is for attention, not for --method {method}", hint="use --method attention or both")
    return (method,)


def tell_always_in_json(format_: str, method: str, unsigned: bool) -> None:
    """Tells which of the options that were given change nothing where the format is JSON."""
    given = [*([f"--method {method}"] if method in ALWAYS else []), *(["--unsigned"] if unsigned else [])]
    if given and format_ == "jsonl":
        what = f"{' and '.join(given)}: JSON always has attention, evidence and the side of each token"
        screen.show_note(Note(what))


def write_explanations(
    found: Iterable[tuple[Item, Explanation]],
    methods: tuple[str, ...],
    format_: str,
    stream: TextIO,
    measured: Faithfulness | None,
) -> None:
    """Writes the explanations of items one after another."""
    if format_ == "html":
        stream.writelines(html.page((result for _, result in found), methods, measured))
    elif format_ == "jsonl":
        stream.writelines(_record(item, result) + "\n" for item, result in found)
    else:
        console = screen.results_console(stream)
        for number, (_, result) in enumerate(found):
            if number:
                console.rule(style="dim")
            shown = terminal.explanation(result, methods, colour=screen.has_colour(console), trust=measured)
            console.print(shown, soft_wrap=not console.is_terminal)  # a file keeps its lines whole


def _record(item: Item, result: Explanation) -> str:
    """A line of JSON with the item's account, and with its row if the text is of that row and not of a whole account."""
    account = {"account": item.account} if item.account else {}
    whole = item.account and item.post is not None
    return records.explanation_record(result, None if whole else item.row, account)
