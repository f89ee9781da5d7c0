"""What the figures of a run depend on, as a hash: its settings, the split rows, the program and Keras' back end."""

import hashlib
import json
import os
from importlib.metadata import version
from pathlib import Path

from attnclf.config import Config
from attnclf.model.pretrained import identified, pretrained_of


def run_key(config: Config, rows: str, program: str) -> str:
    """A hash of all that a run depends on. `rows` is the checksum of the split tables, `program` that of the source code."""
    # The checksum of the rows replaces the section [data].
    settings = {**identified(config, pretrained_of(config)).to_dict(), "data": {}}
    content = json.dumps([version("attnclf"), program, os.environ.get("KERAS_BACKEND", ""), rows, settings], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def program_checksum() -> str:
    """A hash of attnclf's source code, because a changed program may give other figures."""
    files = sorted(Path(__file__).parent.parent.rglob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
