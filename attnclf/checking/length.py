"""The finding on texts that are longer than the network reads: the share of texts, and of words, that it leaves out."""

import unicodedata
from collections.abc import Iterator, Sequence

from attnclf.checking.tables import Tables, first_rows, percent
from attnclf.config import TextConfig
from attnclf.reading.tokens import build_tokenizer, plain_words
from attnclf.reading.windows import Window
from attnclf.results import Finding, Severity, counted

MUCH = 0.05  # of all words or characters


def length_findings(tables: Tables, config: TextConfig) -> Iterator[Finding]:
    """The finding, where any text is cut. `config` names the level."""
    table, limit = tables.train, config.max_length
    if not any(len(text) > limit for text in table.texts):
        return  # a token has at least one character
    sizes = tokens_of(table.texts, config)
    rows = [row for row, size in enumerate(sizes) if size > limit]
    if not rows:
        return
    unit = "characters" if config.level == "char" else "words"
    unread, total = sum(sizes[row] - limit for row in rows), sum(sizes)
    longer = f"{counted(len(rows), 'text', 'texts')} ({percent(len(rows), len(table.texts))})"
    have = "has" if len(rows) == 1 else "have"
    reads = f"the network reads {Window.of(config).in_words()} of them"
    what = f"{longer} {have} more than {limit:,} {unit}; {reads}, and leaves out {percent(unread, total)} of all {unit}"
    longest = sorted(rows, key=lambda row: -sizes[row])
    if max(sizes) > config.longest:
        what += f"; what comes after token {config.longest:,} is not read at all"
        advice = f"split texts of more than {config.longest:,} {unit}"
    else:
        advice = f"`max_length={max(sizes)}` has it read all of the longest text"
        advice += "" if config.level == "char" else "; the linear model reads all in any case"
    severity: Severity = "warning" if config.level == "char" and unread > MUCH * total else "note"
    yield Finding("cut-texts", severity, what, len(rows), first_rows(table, longest), advice)


def tokens_of(texts: Sequence[str], config: TextConfig) -> list[int]:
    """How many tokens each text has, read to its end."""
    if config.level == "char":
        return [len(unicodedata.normalize("NFC", text)) for text in texts]
    tokenizer = build_tokenizer((), config)
    tokenizer.no_truncation()

    def size(text: str) -> int:
        words = plain_words(text)
        return len(words) if words is not None else len(tokenizer.encode(text, add_special_tokens=False).ids)

    return list(map(size, texts))
