"""Train a BiLSTM + attention text classifier in one command, and see exactly why it decides as it does.

    import attnclf
    clf = attnclf.train("posts.csv")
    clf.predict(["팔로워 늘려드려요"])
    clf.explain("팔로워 늘려드려요").tokens

Importing this is light: Keras is imported by `train`, ONNX Runtime by `load`, each when called.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from attnclf.classifier import AttentionClassifier as AttentionClassifier
    from attnclf.classifier import BatchPredictor as BatchPredictor
    from attnclf.classifier import load as load
    from attnclf.classifier import train as train
    from attnclf.config import Config as Config
    from attnclf.errors import AttnclfError as AttnclfError

_HOMES = {
    "AttentionClassifier": "attnclf.classifier",
    "AttnclfError": "attnclf.errors",
    "BatchPredictor": "attnclf.classifier",
    "Config": "attnclf.config",
    "load": "attnclf.classifier",
    "train": "attnclf.classifier",
}
__all__ = ["AttentionClassifier", "AttnclfError", "BatchPredictor", "Config", "load", "train"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'attnclf' has no attribute '{name}'")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
