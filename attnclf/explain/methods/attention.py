"""Attention: where the model looked. Every explanation has it, so this file only describes the method."""

from attnclf.explain.methods.base import Method, register

ATTENTION = register(
    Method(
        name="attention",
        title="attention",
        formula="α_t",
        caveat="where the model looked, not what it took there: it has no sign, and another α can give the same answer",
        cost="1 forward pass",
        signed=False,
    )
)
