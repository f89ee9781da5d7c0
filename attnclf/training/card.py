"""The model card kept in a model directory: what the model reads and answers, how well, how to call it, and its limits.

The front matter follows the convention of model hubs (Mitchell et al. 2019 for what a card says), so that a directory can be
published as it is.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import PurePath

from attnclf.config import Config
from attnclf.data import Table
from attnclf.reading.windows import ReadingLimits
from attnclf.results import Baseline, Report, counted, label_shares, score, some_of
from attnclf.training.account_card import accounts_in_card
from attnclf.training.accounts import FittedAccounts
from attnclf.training.facts import Facts
from attnclf.visible import visible

# A language is guessed by the script of its letters; English, whose script many share, by its commonest words.
SCRIPTS = {"ko": "가-힣ㄱ-ㅎㅏ-ㅣ", "ja": "ぁ-ゖァ-ヺ", "zh": "㐀-鿿", "th": "ก-๛", "ru": "А-яЁё", "ar": "ء-ي", "el": "Α-ω"}
ENGLISH = {"the", "and", "to", "of", "is", "in", "it", "that", "you", "for", "this", "a", "i"}
LANGUAGE_SHARE, ENGLISH_SHARE = 0.1, 0.08  # of the letters of a sample, and of its words
SAMPLE = 2_000  # texts
LABELS = 50  # rows of the table of labels
FILES = 3  # named
SCORES = ("accuracy", "macro_f1", "log_loss", "calibration_error")


def model_card(
    name: str,
    table: Table,
    valid: Table | None,
    config: Config,
    report: Report,
    baseline: Baseline | None,
    facts: Facts,
    accounts: FittedAccounts | None = None,
) -> str:
    """Markdown with YAML front matter, safe to show. `name` is the model's; `valid` are validation rows of their own."""
    name = visible(name)
    sections = [
        _front_matter(name, table, valid, report),
        f"# {name}: a text classifier made by attnclf",
        _reads(config, report),
        _data(table, valid, config, report, facts),
        _scores(table, report, baseline),
        *([accounts_in_card(accounts)] if accounts else []),
        _calls(),
        _limits(config, facts),
        _details(config, facts),
    ]
    return "\n\n".join(sections) + "\n"


def languages_of(texts: Sequence[str]) -> list[str]:
    """The languages (ISO 639-1) that a sample of the texts seems to be in, the commonest first; empty where nothing tells."""
    sample = " ".join(texts[:: max(1, len(texts) // SAMPLE)])
    letters = sum(map(str.isalpha, sample)) or 1
    shares = {language: len(re.findall(f"[{letters_of}]", sample)) / letters for language, letters_of in SCRIPTS.items()}
    if shares["ja"] >= LANGUAGE_SHARE / 2:  # kana: then the Han characters are Japanese too
        shares["ja"], shares["zh"] = shares["ja"] + shares["zh"], 0.0
    words = re.findall(r"[a-z']+", sample.lower())
    english = sum(word in ENGLISH for word in words) / max(1, len(words))
    latin = len(re.findall(r"[A-Za-z]", sample)) / letters
    shares["en"] = latin if english >= ENGLISH_SHARE else 0.0
    found = [language for language, part in shares.items() if part >= LANGUAGE_SHARE]
    return sorted(found, key=lambda language: -shares[language])


def _front_matter(name: str, table: Table, valid: Table | None, report: Report) -> str:
    languages = languages_of(table.texts)
    lines = ["---"]
    lines += ["language:  # guessed from the texts", *(f"- {language}" for language in languages)] if languages else []
    lines += [
        "library_name: attnclf",
        "pipeline_tag: text-classification",
        "tags:",
        *(f"- {tag}" for tag in ("attnclf", "text-classification", "attention", "explainability", "onnx")),
        "metrics:",
        "- accuracy",
        "- f1",
        "model-index:",
        f"- name: {_quoted(name)}",
        "  results:",
        "  - task:",
        "      type: text-classification",
        "    dataset:",
        f"      name: {_quoted(_files(valid) if valid else f'validation rows of {_files(table)}')}",
        "      type: table",
        "    metrics:",
    ]
    for kind, title, value in (("accuracy", "Accuracy", report.accuracy), ("f1", "Macro F1", report.macro_f1)):
        lines += [f"    - type: {kind}", f"      name: {title}", f"      value: {round(value, 4)}"]
    return "\n".join([*lines, "---"])


def _quoted(text: str) -> str:
    """As a YAML string, of which JSON's are."""
    return json.dumps(visible(text))


def _files(table: Table) -> str:
    """The names of the files without their folders, which are nobody's business where a model is published."""
    names = [PurePath(file).name for file in table.files] or [table.source]
    return visible(some_of(names, FILES, "more files"))


def _reads(config: Config, report: Report) -> str:
    unit = {"char": "characters", "word": "words"}.get(config.text.level, config.text.level)
    account = ", all posts of an account, a line each," if config.text.sentences == "lines" else ""
    names = ", ".join(f"`{_cell(s.label)}`" for s in report.labels[:LABELS])
    more = f" and {len(report.labels) - LABELS} more" if len(report.labels) > LABELS else ""
    linear = " and a linear model on n-grams" if config.model.linear and config.text.level == "word" else ""
    return (
        f"## What it reads and answers\n\nIt reads a text{account} as {unit} and gives "
        f"each of {len(report.labels)} labels a probability: {names}{more}.\n\nInside is a network "
        f"({config.model.encoder} encoder, {config.model.attention} attention, linear head){linear}. Every token has an exact "
        "share of the decision."
    )


def _data(table: Table, valid: Table | None, config: Config, report: Report, facts: Facts) -> str:
    columns = visible(str(table.columns.without_guesses))
    source = f"{_files(table)} ({columns})"
    if valid:
        rows = f"Trained on {facts.rows:,} rows of {source}, and validated on {report.rows:,} rows of {_files(valid)}."
    else:
        rows = f"Trained on {facts.rows:,} rows and validated on {report.rows:,} others, from {source}."
        if config.data.group_col:
            rows += f" All rows of one `{_cell(config.data.group_col)}` were kept on one side."
    return (
        f"## Data\n\n{rows} Nothing is known here about where these texts came from or whether their labels are right; "
        "whoever trained the model should say so."
    )


def _scores(table: Table, report: Report, baseline: Baseline | None) -> str:
    counts = Counter(table.labels)
    rows, met = report.rows, report.met
    models = [("this model", report)] + ([(baseline.name, baseline.report)] if baseline else [])
    lines = [
        "## Scores",
        "",
        f"On the {counted(rows, 'validation row', 'validation rows')}:",
        "",
        f"| | accuracy | {report.title_of('macro_f1').replace('f1', 'F1')} | log loss | calibration error |",
        "|---|---|---|---|---|",
        *(_row(name, r) for name, r in models),
        "",
        "| label | rows of the table | validation rows | precision | recall | F1 |",
        "|---|---|---|---|---|---|",
        *(
            f"| {_cell(s.label)} | {counts[s.label]:,} | {s.support:,} | {' | '.join(label_shares(s, s.support, met))} |"
            for s in report.labels[:LABELS]
        ),
    ]
    return "\n".join(lines + ([f"\nand {len(report.labels) - LABELS} more labels"] if len(report.labels) > LABELS else []))


def _row(name: str, report: Report) -> str:
    return f"| {name} | {' | '.join(score(report, one) for one in SCORES)} |"


def _calls() -> str:
    return """## How to call it

```sh
attnclf predict "a text" -m DIR
attnclf explain "a text" -m DIR
attnclf eval held_out.csv -m DIR
```

```python
import attnclf

clf = attnclf.load("DIR")
clf.predict(["a text"])
clf.explain("a text").tokens
```"""


def _limits(config: Config, facts: Facts) -> str:
    linear = ", the mixing weights and the linear model's settings"
    limits = ReadingLimits.of(config)
    chosen = f"the best epoch{linear if facts.linear_choice else ' and how sure the probabilities are'}"
    lines = [
        f"The validation rows chose {chosen}. Expect a little less on new texts; `attnclf eval FILE -m DIR` measures it.",
        *(["The linear model was then fitted to these rows too, so scores on them now flatter."] if facts.refitted else []),
        f"Of a text of more than {limits.window.size:,} tokens the network does not read all: {limits.in_words()}.",
        "It knows these labels and no other, and answers any text with one of them, in whatever language it is.",
        "Evidence sums exactly to the decision. It is what the model took at each token, and not a cause.",
        *(f"Training warned: {_cell(warning)}." for warning in facts.warnings),
    ]
    return "\n".join(["## Limits", "", *(f"* {line}" for line in lines)])


def _details(config: Config, facts: Facts) -> str:
    rows: Mapping[str, str] = {
        "made": facts.made,
        "seconds": f"{facts.seconds:.0f}",
        "device": facts.device,
        "seed": str(config.training.seed),
        "alignment of attention": f"{config.training.align:g}",
        **({"begun with": facts.begun} if facts.begun else {}),
        "epochs": str(facts.epochs),
        "epoch kept": str(facts.best_epoch),
        "validation accuracy": ", ".join(f"{part} {value:.4f}" for part, value in facts.accuracy.items()),
        **(
            {
                "mixing weights": "network {:.2f}, linear model {:.2f}".format(*facts.mixing_weights),
                "linear model": facts.linear_choice,
            }
            if facts.linear_choice
            else {}
        ),
    }
    lines = [f"| {name} | {_cell(value)} |" for name, value in rows.items()]
    return "\n".join(["## Details of training", "", "| | |", "|---|---|", *lines])


def _cell(text: str) -> str:
    return visible(" ".join(text.split())).replace("|", "\\|").replace("`", "'")
