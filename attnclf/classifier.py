"""The Python face of attnclf: `train`, `load` and a `Classifier` that answers."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from attnclf.bundle import LABEL_TYPES
from attnclf.config import Config, DataConfig
from attnclf.data import Columns, Table, by_account, read_table, table_of, texts_of_frame
from attnclf.errors import ModelError, UsageError
from attnclf.explain import explain, with_counterfactuals
from attnclf.results import Event, Explanation, Note, OnEvent, Prediction, Report, ignore, softmax
from attnclf.scoring.evaluation import UnknownLabels, evaluate
from attnclf.served.model import ServedModel
from attnclf.served.prediction import predict, reading_warnings, windows

if TYPE_CHECKING:
    import pandas as pd

    Data: TypeAlias = str | Path | Sequence[str | Path] | pd.DataFrame
    Texts: TypeAlias = Iterable[str] | pd.DataFrame

Label: TypeAlias = str | int | float | bool


class Classifier:
    """A trained model. It runs on ONNX Runtime, without Keras or TensorFlow.

    Only explanations by `gradxinput` and `ig` need these. Labels have the type that they had in training. A pickled classifier
    is the path of its model directory, which is opened again where it is unpickled. Forked processes and threads may use one.
    """

    def __init__(self, served: ServedModel) -> None:
        self._served = served

    def __reduce__(self) -> tuple[Callable[..., Classifier], tuple[str, str]]:
        return _reopened, (str(self.path.resolve()), self._served.bundle.checksum)

    @property
    def labels(self) -> tuple[Label, ...]:
        """The labels, in the order of `predict_proba`'s columns."""
        return tuple(map(self._typed, self._served.labels))

    def _typed(self, label: str) -> Label:
        return LABEL_TYPES[self._served.bundle.label_type](label)

    @property
    def path(self) -> Path:
        """The model directory."""
        return self._served.bundle.path

    @property
    def scores(self) -> Mapping[str, Any]:
        """The validation report of training, and the baseline's, as plain values."""
        return self._served.bundle.scores

    def predict(self, texts: Texts) -> list[Label]:
        """The likeliest label of each text. An empty text is answered too.

        `texts` is a list, an array, a pandas Series, or a DataFrame with the column of texts that the model was trained on.
        Warns where the model did not read a text to its end, or knows nothing in it. Raises UsageError for what is no text.
        """
        results = list(self.predictions(texts, top_k=1))
        unknown = sum(result.known == 0 for result in results if result.text.strip())
        cut = sum(result.truncated for result in results)
        for note in reading_warnings(unknown, cut, self._served.bundle.config.text.max_length):
            warnings.warn(note.message, stacklevel=2)
        return [self._typed(result.label) for result in results]

    def predict_proba(self, texts: Texts) -> NDArray[np.float64]:
        """Probabilities (len(texts), len(labels)), each row summing to 1; `texts` as in `predict`."""
        chunks = [softmax(self._served.logits(window)[0]) for window in windows(self._texts(texts), len)]
        return np.concatenate([*chunks, np.empty((0, len(self.labels)))])

    def predictions(self, texts: Texts, top_k: int | None = None) -> Iterator[Prediction]:
        """For each text its `top_k` likeliest labels (all by default) with their probabilities, as an iterator.

        A `Prediction` has its labels as text, and says what share of its text is `known` and whether it was `truncated`.
        """
        return (result for window in windows(self._texts(texts), len) for result in predict(self._served, window, top_k))

    def _texts(self, texts: Texts) -> list[str]:
        """The texts; of a DataFrame, the column that the model was trained on."""
        if hasattr(texts, "columns") and hasattr(texts, "isna"):
            names = self._served.bundle.config.data.text_col
            found = ", ".join(map(str, texts.columns))
            if missing := next((name for name in names if name not in texts.columns), None):
                raise UsageError(
                    f"texts is a DataFrame without the column '{missing}', on which the model was trained (found: {found})",
                    hint="pass the column that holds the texts, such as frame['text']",
                )
            texts = texts_of_frame(cast("pd.DataFrame", texts), names)
        return _checked(texts)

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

    def evaluate(
        self,
        data: Data,
        *,
        text_col: str | Sequence[str] = (),
        label_col: str = "",
        encoding: str = "auto",
        unknown_labels: UnknownLabels = "count",
    ) -> Report:
        """Scores on a labelled table (a path, paths, or a pandas DataFrame). Raises DataError for data it cannot use.

        Rows whose label training never saw count as errors, and that is warned of; `unknown_labels="skip"` leaves them out, and
        "error" raises DataError.
        """
        trained = self._served.bundle.config.data
        config = Config().override_flat({"text_col": text_col, "label_col": label_col, "encoding": encoding}).data
        table = _table(data, config, Columns.of(trained, grouped=self._served.classifies_accounts))

        def warn(event: Event) -> None:
            if isinstance(event, Note) and event.warning:
                warnings.warn(event.message, stacklevel=2)

        return evaluate(self._served, by_account(table) if table.groups else table, warn, unknown_labels).report

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
    """Trains on `data`, writes the model directory `model`, and returns the classifier in it.

    `data` is the path of a table (docs/data.md lists the formats), several paths, or a pandas DataFrame.

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


def _reopened(path: str, checksum: str) -> Classifier:
    """The classifier in a model directory, if it is the one with this checksum. Raises ModelError if it is another."""
    classifier = load(path)
    if classifier._served.bundle.checksum != checksum:
        raise ModelError(f"the model at {path} was replaced after the classifier was pickled", hint="load it again")
    return classifier


def _checked(texts: Iterable[str]) -> list[str]:
    kind = type(texts).__name__
    if isinstance(texts, str | bytes) or not isinstance(texts, Iterable):
        raise UsageError(f"texts is one {kind}", hint="pass a list: predict([text])")
    if isinstance(texts, Mapping):
        raise UsageError(
            f"texts is a {kind}, and its keys are not texts", hint="pass its values: predict(list(texts.values()))"
        )
    if hasattr(texts, "read"):
        raise UsageError(f"texts is an open file ({kind})", hint="pass its lines: predict(file.read().splitlines())")
    texts = list(texts)
    for i, text in enumerate(texts):
        if not isinstance(text, str):
            raise UsageError(f"texts[{i}] is {text!r}, not a string", hint="replace what is missing by ''")
    return texts


def _table(data: Data, config: DataConfig, trained: Columns | None = None) -> Table:
    if isinstance(data, str | Path):
        data = [data]
    if isinstance(data, Sequence) and data:
        return read_table(data, config, trained)
    if hasattr(data, "columns") and hasattr(data, "isna"):
        return table_of(cast("pd.DataFrame", data), config, trained)
    raise UsageError(f"data is {data!r}", hint="pass a path, a list of paths, or a pandas DataFrame")
