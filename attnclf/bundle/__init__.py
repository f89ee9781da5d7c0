"""The model directory: what `train` writes and everything else reads. Nothing in it can run code.

    bundle.json          format, configuration, labels, scores, facts of training, checksums of the rest; written last
    tokenizer.json       text → tokens
    features.safetensors the n-grams and word pairs of the vocabulary; empty at character level
    words.onnx           a word's features → its vector and its weights in the linear model; empty at character level
    model.onnx           ids → logits, attention, contributions
    weights.safetensors  the same weights, for gradients
    history.jsonl        one line an epoch
    texts.bin            hashes of the training texts, and of the names of their accounts, by which `eval` knows them again; not
                         in models of format 7 and before
    accounts.safetensors the account model; empty where there is none, and not in models of format 8 and before
    README.md            the model card

It is written next to its destination and renamed into place, so that an interrupted run leaves the old one whole.
"""

from attnclf.bundle.atomic import followed, model_around
from attnclf.bundle.directory import Bundle, check_target, write
from attnclf.bundle.manifest import ACCOUNTS, FILES, LABEL_TYPES, MANIFEST, TEXTS
from attnclf.bundle.reading import load, summary_of

__all__ = [
    "ACCOUNTS",
    "FILES",
    "LABEL_TYPES",
    "MANIFEST",
    "TEXTS",
    "Bundle",
    "check_target",
    "followed",
    "load",
    "model_around",
    "summary_of",
    "write",
]
