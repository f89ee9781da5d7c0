"""Renders results as JSON, and as values of tables: data for programs, never coloured."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from attnclf.results import AccountScores, Basis, Counterfactual, Explanation, Measured, Prediction, Report, TokenScore
from attnclf.visible import UNSAFE

NOTHING = Measured()
EVERY_ROW = Basis()


def to_json(value: Any, indent: int | None = None) -> str:
    """JSON with every control or bidi character escaped: it is safe to look at, and any JSON parser restores the value.

    A number that JSON does not have, NaN or infinity, is null.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, indent=indent, default=str, allow_nan=False)
    except ValueError:  # strict parsers refuse the words that would be written
        text = json.dumps(_finite(value), ensure_ascii=False, indent=indent, default=str, allow_nan=False)
    return UNSAFE.sub(_json_escape, text)


def _finite(value: Any) -> Any:
    """The value with None for each number that JSON does not have."""
    if isinstance(value, Mapping):
        return {name: _finite(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _json_escape(match: "Any") -> str:
    character = match.group()
    # json.dumps escapes newlines in strings, so an unescaped one comes from its indentation.
    return character if character == "\n" else json.dumps(character)[1:-1]


def prediction_record(
    result: Prediction, row: Mapping[str, Any] | None = None, more: Mapping[str, Any] = MappingProxyType({})
) -> str:
    """One line of JSON: the text, its label and the probability of each label in `result`; `row` has the table's columns.
    `more` is what else there is to say.

    `known` is the share of the text's tokens of which training saw all or a part, and `truncated` says that the text is longer
    than the network reads.
    """
    return to_json({"text": result.text} | prediction_plain(result) | dict(more) | _row(row))


def _row(row: Mapping[str, Any] | None) -> dict[str, Any]:
    return {} if row is None else {"row": {name: _plain(value) for name, value in row.items()}}


def prediction_plain(result: Prediction) -> dict[str, Any]:
    """The same as plain values, without the text."""
    return {
        "label": result.label,
        "probability": round(result.probability, 6),
        "probabilities": _probabilities(result),
        "known": round(result.known, 4),
        "truncated": result.truncated,
        **_rates(result),
    }


def _plain(value: Any) -> Any:
    """A value that JSON has: NaN is null, infinity and bytes are text."""
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else value


def explanation_record(
    result: Explanation, row: Mapping[str, Any] | None = None, more: Mapping[str, Any] = MappingProxyType({})
) -> str:
    """One line of JSON. Offsets count code points of `text`; evidence is in nats and sums to `log_odds`.

    `row` and `more` are as in `prediction_record`. If base rates were asked for, evidence and `prior`, which they add, sum to
    `log_odds`.
    """
    return to_json(explanation_values(result) | dict(more) | _row(row))


def explanation_values(result: Explanation) -> dict[str, Any]:
    """The same as plain values."""
    return {
        "text": result.text,
        "label": result.prediction.label,
        "probabilities": _probabilities(result.prediction),
        "target": result.target,
        "against": result.against,
        "log_odds": result.log_odds,
        **({} if result.own_log_odds is None else {"own_log_odds": result.own_log_odds}),
        **({"prior": result.prior} | _rates(result.prediction) if result.prediction.base_rates else {}),
        "unit": result.unit,
        "read": result.read,
        **({"gap": list(result.gap), "gap_is_read": result.gap_is_read} if any(result.gap) else {}),
        "known": round(result.prediction.known, 4),
        "truncated": result.prediction.truncated,
        "tokens": [_token(token) | _column(result, token) for token in result.tokens],
        **({"sentences": [_token(sentence) for sentence in result.sentences]} if result.sentences else {}),
        "counterfactual": _counterfactual(result.counterfactual),
        "remarks": list(result.remarks),
    }


def _rates(result: Prediction) -> dict[str, Any]:
    """The base rates for which the probabilities hold, if they were asked for."""
    return {"base_rates": dict(result.base_rates)} if result.base_rates else {}


def _token(token: TokenScore) -> dict[str, Any]:
    place = {"text": token.text, "start": token.start, "end": token.end}
    scores = {"attention": token.attention, "evidence": token.evidence, **token.scores}
    return place | scores | {"side": token.side or None, "known": token.known}


def _column(result: Explanation, token: TokenScore) -> dict[str, Any]:
    return {"column": result.column_of(token) or None} if result.columns else {}


def _counterfactual(found: Counterfactual | None) -> dict[str, Any] | None:
    if found is None:
        return None
    answer = {"label": found.prediction.label, "probability": round(found.prediction.probability, 6)}
    return {"without": [list(span) for span in found.words], **answer, "holds": found.holds}


def _probabilities(result: Prediction) -> dict[str, float]:
    return {label: round(p, 6) for label, p in zip(result.labels, result.probabilities, strict=True)}


def report_json(
    result: Report, measured: Measured = NOTHING, accounts: AccountScores | None = None, basis: Basis = EVERY_ROW
) -> str:
    """The whole report as indented JSON.

    It has `base_rates` if they were asked for, and what was `left_out`. It has `faithfulness`, `diagnostics`, `plausibility`
    and `additivity` if they were measured, and `accounts` if the model judges them and the table names them.
    """
    of_accounts = {"accounts": accounts.to_dict()} if accounts else {}
    return to_json(result.to_dict() | basis.to_dict() | measured.to_dict() | of_accounts, indent=2)


def prediction_header(columns: Sequence[str], top_k: int, *, rates: bool = False) -> list[str]:
    """The columns of a CSV of predictions: those of the table, `predicted` and `probability` for each rank, two more.

    From the second rank on, names end in `_2`, `_3` and so on. A name that the table already has gets a number, so that nothing
    is overwritten. Then come `known` and `truncated`, as in `prediction_record`, and `base_rates` where they were asked for.
    """
    header = list(columns)
    for rank in range(1, top_k + 1):
        for name in ("predicted", "probability"):
            header.append(free_name(name if rank == 1 else f"{name}_{rank}", header))
    for name in ("known", "truncated", *(["base_rates"] if rates else [])):
        header.append(free_name(name, header))
    return header


def free_name(name: str, taken: Iterable[str]) -> str:
    """The name, with a number behind it where it is taken."""
    number, candidate = 1, name
    while candidate in taken:
        number += 1
        candidate = f"{name}.{number}"
    return candidate


def renamed_in_words(header: Sequence[str], own: int) -> str:
    """Which of the `own` first columns have the name of one that is written beside them, and what that is called; "": none."""
    numbered = {name.rpartition(".")[0]: name for name in header[own:] if "." in name}
    taken = {name: now for name, now in numbered.items() if name in header[:own]}
    have, ours = (", ".join(f"'{name}'" for name in names) for names in (taken, taken.values()))
    return f"the table has {have} already: what is written now is {ours}" if taken else ""


def prediction_values(result: Prediction, typed: Mapping[str, Any] = MappingProxyType({})) -> list[Any]:
    """The values for the columns that `prediction_header` adds; `typed` has labels that are written as another value."""
    pairs = zip(result.labels, result.probabilities, strict=True)
    cells = [cell for label, p in pairs for cell in (typed.get(label, label), round(p, 6))]
    return [*cells, round(result.known, 4), result.truncated, *rates_cell(result.base_rates)]


def prediction_cells(result: Prediction, typed: Mapping[str, Any] = MappingProxyType({})) -> list[Any]:
    """The same for CSV, where all values of a column have as many decimals."""
    pairs = zip(result.labels, result.probabilities, strict=True)
    ranked = [cell for label, p in pairs for cell in (typed.get(label, label), f"{p:.6f}")]
    return [*ranked, f"{result.known:.4f}", result.truncated, *rates_cell(result.base_rates)]


def rates_cell(rates: Mapping[str, float]) -> list[str]:
    """The base rates as one value, such as `fake=0.02 real=0.98`; none where there are none."""
    return [" ".join(f"{label}={rate:.6g}" for label, rate in rates.items())] if rates else []
