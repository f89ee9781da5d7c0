"""The Python face of attnclf: `train`, `load` and a `Classifier` that answers."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from attnclf.config import Config, DataConfig
from attnclf.data import Table, by_account, read_table, table_of
from attnclf.errors import UsageError
from attnclf.explain import explain, with_counterfactuals
from attnclf.results import Event, Explanation, Note, OnEvent, Prediction, Report, ignore, softmax
from attnclf.scoring.evaluation import evaluate
from attnclf.served.model import ServedModel
from attnclf.served.prediction import predict, windows

if TYPE_CHECKING:
    import pandas as pd

    Data: TypeAlias = str | Path | Sequence[str | Path] | pd.DataFrame


class Classifier:
    """A trained model. It runs on ONNX Runtime, without Keras or TensorFlow.

    Only explanations by `gradxinput` and `ig` need these.
    """

    def __init__(self, served: ServedModel) -> None:
        self._served = served

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, in the order of `predict_proba`'s columns."""
        return self._served.labels

    @property
    def path(self) -> Path:
        """The model directory."""
        return self._served.bundle.path

    @property
    def scores(self) -> Mapping[str, Any]:
        """The validation report of training, and the baseline's, as plain values."""
        return self._served.bundle.scores

    def predict(self, texts: Sequence[str]) -> list[str]:
        """The likeliest label of each text. An empty text is answered too."""
        return [result.label for result in self.predictions(_checked(texts), top_k=1)]

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Probabilities (len(texts), len(labels)), each row summing to 1."""
        chunks = [softmax(self._served.logits(window)[0]) for window in windows(_checked(texts), len)]
        return np.concatenate([*chunks, np.empty((0, len(self.labels)))])

    def predictions(self, texts: Sequence[str], top_k: int | None = None) -> Iterator[Prediction]:
        """For each text its `top_k` likeliest labels (all by default) with their probabilities, as an iterator."""
        return (result for window in windows(_checked(texts), len) for result in predict(self._served, window, top_k))

    def explain(
        self, text: str, *, target: str = "", against: str = "", by: str = "token", methods: Sequence[str] = ()
    ) -> Explanation:
        """Attention and signed evidence of each token of `text`, in nats; evidence sums to log(p_target / p_against).

        `target` is the predicted label unless given, `against` the likeliest other; `by="word"` sums tokens to words; further
        `methods`, such as "loo", stand in the tokens' `scores`. Raises UsageError for a label or method that does not exist.
        Source: `attnclf.explain.evidence` and `attnclf.explain.methods`.
        """
        if by not in ("token", "word"):
            raise UsageError(f"by is {by!r}", hint="'token' or 'word'")
        results = explain(self._served, _checked([text]), target, against, methods, by)
        return with_counterfactuals(self._served, results)[0]

    def evaluate(self, data: Data, *, text_col: str = "", label_col: str = "", encoding: str = "utf-8") -> Report:
        """Scores on a labelled table (a path, paths, or a pandas DataFrame). Raises DataError for data it cannot use."""
        trained = self._served.bundle.config.data
        config = DataConfig(text_col=text_col, label_col=label_col, encoding=encoding)
        columns = {"text": trained.text_col, "label": trained.label_col}
        table = _table(data, config, columns | ({"group": trained.group_col} if self._served.classifies_accounts else {}))
        return evaluate(self._served, by_account(table) if table.groups else table).report

    def __repr__(self) -> str:
        return f"Classifier({str(self.path)!r}, labels={self.labels!r})"


def train(
    data: Data,
    model: str | Path = "attnclf-model",
    *,
    valid: Data | None = None,
    config: Config | str | Path | None = None,
    verbose: int = 1,
    on_event: OnEvent = ignore,
    **settings: Any,
) -> Classifier:
    """Trains on `data` (a CSV or TSV path, paths, or a pandas DataFrame), writes the model directory `model`, returns it.

    `settings` are those of the configuration by name, such as `level="word"`, `label_col="class"` or `seed=1`. `config` is a
    `Config` or a TOML file, which they override. `verbose=1` shows progress on a terminal and in a notebook, and elsewhere
    only warns (`warnings.warn`) when the model is written; 2 shows details too, everywhere; 0 shows nothing. `on_event` hears
    everything.

    An existing model at `model` is replaced, at the end and not before; progress says which. Raises DataError, DeviceError or
    UsageError.
    """
    from attnclf.training import train as run

    if verbose not in (0, 1, 2):
        raise UsageError(f"verbose is {verbose!r}", hint="0 for nothing, 1 for progress, 2 for details")
    base = config if isinstance(config, Config) else Config.from_toml(Path(config)) if config else Config()
    resolved = base.override_flat(settings)
    valid_table = None if valid is None else _table(valid, resolved.for_validation().data)
    table = _table(data, resolved.data)
    unsaid: list[str] = []  # warnings that nobody sees: said when the model is safe, since a warning may be made an error
    with _shown(verbose, unsaid) as (show, importing):

        def tell(event: Event) -> None:
            on_event(event)
            show(event)

        trained = run(table, valid_table, resolved, Path(model), tell, importing)
    for message in unsaid:
        warnings.warn(message, stacklevel=2)
    return load(trained.bundle.path)


@contextmanager
def _shown(verbose: int, unsaid: list[str]) -> Iterator[tuple[OnEvent, AbstractContextManager[None]]]:
    """What shows events as `verbose` asks for, and the context in which Keras starts.

    Where nothing is shown, warnings and what is replaced are put into `unsaid`.
    """
    from rich.console import Console

    from attnclf.progress import TrainingProgress, without_chatter

    def remember(event: Event) -> None:
        if isinstance(event, Note) and (event.warning or event.topic == "replaced"):
            unsaid.append(event.message)

    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    if verbose >= 2 or (verbose and (console.is_terminal or console.is_jupyter)):
        with TrainingProgress(console, verbose) as progress:
            yield progress, progress.importing()
    else:
        yield (remember if verbose else ignore), without_chatter()


def load(model: str | Path = "attnclf-model") -> Classifier:
    """The classifier in a model directory. Raises ModelError when it is missing, altered or of an unreadable format."""
    return Classifier(ServedModel.load(Path(model)))


def _checked(texts: Sequence[str]) -> list[str]:
    if isinstance(texts, str) or not isinstance(texts, Iterable):
        raise UsageError(f"texts is one {type(texts).__name__}", hint="pass a list: predict([text])")
    texts = list(texts)
    for i, text in enumerate(texts):
        if not isinstance(text, str):
            raise UsageError(f"texts[{i}] is {text!r}, not a string", hint="replace what is missing by ''")
    return texts


def _table(data: Data, config: DataConfig, trained: Mapping[str, str] | None = None) -> Table:
    if isinstance(data, str | Path):
        data = [data]
    if isinstance(data, Sequence) and data:
        return read_table([Path(path) for path in data], config, trained or {})
    if hasattr(data, "columns") and hasattr(data, "isna"):
        return table_of(cast("pd.DataFrame", data), config, trained or {})
    raise UsageError(f"data is {data!r}", hint="pass a path, a list of paths, or a pandas DataFrame")
