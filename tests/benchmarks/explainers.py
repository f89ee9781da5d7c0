"""What an explanation costs and how faithful it is: ours beside LIME (Ribeiro et al. 2016) on the same model and texts."""

from collections.abc import Sequence

from attnclf.explain import METHODS, explain, measure_faithfulness
from attnclf.explain.methods import Method
from attnclf.results import Explanation, softmax
from attnclf.served.model import ServedModel
from tests.benchmarks.throughput import timed

TEXTS = 20  # LIME asks the model 5,000 times for each
LENGTH = 140  # characters of the text on which leaving one out is timed


def measure_explainers(served: ServedModel, texts: Sequence[str]) -> dict[str, float]:
    """Milliseconds a text, as a user's call takes them, and comprehensiveness, on some texts of several words. LIME keeps its
    defaults, but is told that words are what spaces separate and that their order counts."""
    some = [text for text in texts if 5 <= len(text.split()) <= 40][:TEXTS]
    one = " ".join(texts)[:LENGTH]
    results = {"leaving each word of 140 characters out, ms": 1_000 * timed(lambda: explain(served, [one], methods=["loo"]))}
    names = ["evidence", "loo"]
    for name in names:
        results[f"{name}, ms a text"] = _milliseconds(served, some, name)
    try:
        METHODS["lime"] = Method(
            "lime", "LIME", "a ridge regression on texts without some words", "", "5,000 forward passes", True, _lime()
        )
        names.append("lime")
        results["lime, ms a text"] = _milliseconds(served, some, "lime")
        results["evidence sooner than LIME, times"] = results["lime, ms a text"] / results["evidence, ms a text"]
    except ImportError:
        pass
    measured = {m.method: m.comprehensiveness.mean for m in measure_faithfulness(served, some, methods=names).methods}
    METHODS.pop("lime", None)
    results |= {f"{name}, comprehensiveness": mean for name, mean in measured.items()}
    for other in ("loo", "lime"):
        if other in measured:
            results[f"evidence, comprehensiveness beside {other}, times"] = measured["evidence"] / measured[other]
    return results


def _milliseconds(served: ServedModel, texts: Sequence[str], method: str) -> float:
    def all_of_them() -> None:
        for text in texts:
            explain(served, [text], methods=[method], by="word")

    return 1_000 * timed(all_of_them, repeats=1 if method == "lime" else 2) / len(texts)


def _lime():
    from lime.lime_text import LimeTextExplainer

    explainer = LimeTextExplainer(split_expression=r"\s+", bow=False, random_state=0)

    def scores(served: ServedModel, explanation: Explanation) -> tuple[list[float], str]:
        k, words = served.labels.index(explanation.target), len(explanation.tokens)
        found = explainer.explain_instance(
            explanation.text,
            lambda texts: softmax(served.logits(list(texts))[0]),
            labels=(k,),
            num_features=words,
        )
        weights = dict(found.as_map()[k])
        return [float(weights.get(position, 0.0)) for position in range(words)], ""

    return scores
