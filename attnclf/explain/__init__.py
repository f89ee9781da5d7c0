"""`explain`: why the model decided as it did, token by token."""

from attnclf.explain.aggregate import by_word as by_word
from attnclf.explain.evidence import explain as explain
