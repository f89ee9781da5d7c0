"""The estimator of scikit-learn: settings in, `fit` trains, and it answers like any model of its kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Self

from attnclf import bundle as bundles
from attnclf.classifier.inputs import table_given
from attnclf.classifier.parameters import DEFAULTS, OWN, check_names, config_of, directory_of, parameters_of, signature
from attnclf.classifier.scoring import Scoring
from attnclf.classifier.showing import train_shown
from attnclf.errors import ModelError
from attnclf.served.model import ServedModel

if TYPE_CHECKING:
    from attnclf.classifier.inputs import Labels, Texts


class AttentionClassifier(Scoring):
    """A text classifier with attention, as an estimator of scikit-learn. `attnclf.load` and `attnclf.train` give fitted ones.

    `settings` are those of the configuration by name, such as `size="small"` or `epochs=3`. What is left None follows from
    `size`. `model` is the directory that `fit` writes the model to; with None it stays in memory until `save`. `verbose` is 0
    for warnings alone (`warnings.warn`), 1 for what `attnclf.train` shows and warns of, 2 for details. Names that do not exist
    raise UsageError here, and values that are not allowed raise it in `fit`.

    A fitted one runs on ONNX Runtime, without Keras or TensorFlow; only explanations by `gradxinput` and `ig` need these. It is
    pickled as the path of its model directory, which is opened again where it is unpickled, or with the whole model where that
    is in memory. Threads and forked processes may share one.
    """

    def __init__(self, *, model: str | Path | None = None, verbose: int = 0, **settings: Any) -> None:
        check_names(settings)
        self.model = model
        self.verbose = verbose
        for name, default in DEFAULTS.items():
            if name not in OWN:
                setattr(self, name, settings.get(name, default))

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Every parameter by its name."""
        return {name: getattr(self, name) for name in DEFAULTS}

    def set_params(self, **parameters: Any) -> Self:
        """Changes parameters, for the next `fit`. Raises UsageError for names that do not exist, and then changes none."""
        check_names(parameters)
        for name, value in parameters.items():
            setattr(self, name, value)
        return self

    def fit(self, X: Texts, y: Labels, groups: Any = None) -> Self:
        """Trains on texts `X` (n) and their labels `y` (n): strings, integers, floats or truth values.

        `X` is a list, an array, a Series, or a DataFrame. Of a DataFrame the column `text_col` is read, or else all columns of
        strings, joined, except those that are `y` or `groups`: by values, or where values repeat by name; what was chosen is
        warned of. `fit` holds rows out to validate on. Rows of one group stay together: `groups` (n) names them, or the column
        `group_col` does; names that are made one or nearly look the same are warned of. Raises DataError for what cannot be
        learnt from, DeviceError, or UsageError.
        """
        config = config_of(self.get_params())
        table = table_given(X, y, groups, config.data)
        if self.model is not None:
            bundle = train_shown(table, None, config, directory_of(self.model), self.verbose)
            self._served = ServedModel.load(bundle.path)
            return self
        with TemporaryDirectory(prefix="attnclf-") as folder:
            path = Path(folder) / "attnclf-model"
            bundle = train_shown(table, None, config, path, self.verbose, hidden=["model"])  # which says where it is
            self._served = ServedModel.of(bundle.in_memory())
        return self

    def __sklearn_is_fitted__(self) -> bool:
        return self._served is not None

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import ClassifierTags, InputTags, Tags, TargetTags

        return Tags(
            estimator_type="classifier",
            target_tags=TargetTags(required=True),
            classifier_tags=ClassifierTags(),
            input_tags=InputTags(one_d_array=True, two_d_array=False, string=True),
        )

    def __getstate__(self) -> dict[str, Any]:
        state: dict[str, Any] = {"parameters": self.get_params()}
        if self._served:
            bundle = self._served.bundle
            place = {"contents": dict(bundle.contents)} if bundle.contents else {"path": str(bundle.path.resolve())}
            state |= place | {"checksum": bundle.checksum}
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(DEFAULTS | state["parameters"])
        if "path" in state:
            self._served = ServedModel.load(Path(state["path"]))
            if self._served.bundle.checksum != state["checksum"]:
                what = f"the model at {state['path']} was replaced after the classifier was pickled"
                raise ModelError(what, hint="load it again")
        elif "contents" in state:
            self._served = _opened(state["contents"])

    def __repr__(self) -> str:
        changed = {name: value for name, value in self.get_params().items() if repr(value) != repr(DEFAULTS[name])}
        return f"AttentionClassifier({', '.join(f'{name}={value!r}' for name, value in changed.items())})"


AttentionClassifier.__init__.__signature__ = signature()  # type: ignore[attr-defined]  # for help() and scikit-learn


def load(model: str | Path = "attnclf-model") -> AttentionClassifier:
    """The classifier in a model directory. Raises ModelError when it is missing, altered or of an unreadable format."""
    bundle = bundles.load(directory_of(model))
    served = ServedModel.of(replace(bundle, path=bundle.path.resolve()))  # which holds in another working directory, too
    classifier = AttentionClassifier(**parameters_of(served.bundle.config))
    classifier._served = served
    return classifier


def _opened(contents: Mapping[str, bytes]) -> ServedModel:
    """The model whose files these are. They are written and checked like any other, and the directory is removed again."""
    with TemporaryDirectory(prefix="attnclf-") as folder:
        for name, content in contents.items():
            (Path(folder) / name).write_bytes(content)
        return ServedModel.of(bundles.load(Path(folder)).in_memory())
