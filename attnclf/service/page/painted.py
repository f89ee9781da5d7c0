"""An explanation as the page shows it: pieces of text with their colours, and the sentences around them.

The page makes its own elements of these and never reads them as HTML, so no text can become a part of the page.
"""

from typing import Any

from attnclf.render import captions
from attnclf.render.segments import Segment, Shading, segments
from attnclf.results import Explanation, Faithfulness
from attnclf.visible import visible

METHODS = ("signed_attention", "evidence")
KINDS = {1: "s", -1: "o", 0: "a"}  # of the classes of colours, as in `attnclf.render.html`


def painted(found: Explanation, trust: Faithfulness | None) -> dict[str, Any]:
    """What the page shows of one text. A piece has its length in code points, and a class of colour for each method."""
    shadings = {method: Shading.of(found, method) for method in METHODS}
    prediction = found.prediction
    return {
        "label": visible(prediction.label),
        "probability": prediction.probability,
        "probabilities": [[visible(label), p] for label, p in zip(prediction.labels, prediction.probabilities, strict=True)],
        "pieces": [_piece(segment, shadings) for segment in segments(found)],
        "titles": {method: captions.title(found, method) for method in METHODS},
        "legends": {method: captions.legend(found, method, shading.full) for method, shading in shadings.items()},
        "remarks": captions.remarks(found),
        "tried": captions.tried(found),
        "trusted": {method: captions.trusted((method,), trust) for method in METHODS},
    }


def _piece(segment: Segment, shadings: dict[str, Shading]) -> dict[str, Any]:
    # Line ends stay: the page shows them as such.
    shown = "\n".join(map(visible, (segment.unjoined or segment.text).split("\n")))
    piece: dict[str, Any] = {"text": shown, "length": len(segment.text)}
    if not segment.read:
        return piece | {"unread": True}
    if not segment.scored:
        return piece
    scores = ", ".join(f"{name} {captions.number(segment.score(name), name)}" for name in ("evidence", "attention"))
    classes = {method: _class(segment, shading) for method, shading in shadings.items()}
    return piece | {"scores": scores, "classes": classes} | ({} if segment.known else {"unknown": True})


def _class(segment: Segment, shading: Shading) -> str:
    strength = shading.step(segment)
    return f"{KINDS[shading.side(segment)]}{strength}" if strength else ""
