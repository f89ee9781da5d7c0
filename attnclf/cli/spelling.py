"""What the library says in Python's words, as the command line says it.

The library names settings in backquotes: "`level=char` reads every character". Here that becomes "--level char reads …".
"""

import dataclasses

from attnclf.config import Config
from attnclf.config.spelling import respelled

# Arguments of the Python API that are not settings.
ARGUMENTS = {"valid", "target", "against", "by", "top_k", "unknown_labels", "output_encoding", "strict", "prior", "accounts"}
ARGUMENTS |= {"resume", "keep_best", "save", "tensorboard", "on", "host", "port", "token_file", "minutes"}
WITHOUT_OPTION = {"embedding", "embedded", "attention_units", "values_units", "linear", "sentences", "min_count"}
WITHOUT_OPTION |= {"max_vocabulary", "max_features", "longest_word", "most_ngrams"}
WITHOUT_OPTION |= {"weight_decay", "warmup", "clip_norm", "feature_dropout", "faithfulness"}
WITHOUT_OPTION |= {"longest"}


def option_names() -> dict[str, str]:
    """How the command line spells each setting and argument: `{"text_col": "--text-col", …}`."""
    sections = (getattr(Config(), section.name) for section in dataclasses.fields(Config))
    names = [field.name for section in sections for field in dataclasses.fields(section)]
    spelled = {name: f"--{name.replace('_', '-')}" for name in (*names, *ARGUMENTS) if name not in WITHOUT_OPTION}
    return spelled | {"model": "-m/--model"}


def as_options(message: str) -> str:
    """The message with options in place of settings, and commands in place of calls."""
    return respelled(message, lambda setting: option_names().get(setting))
