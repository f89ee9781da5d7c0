"""Attention: where the model looked. Every explanation has it, so this file only describes the method.

Alone it has no sign. With the sign of each token's evidence it also says for which label the model looked there.
"""

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
SIGNED_ATTENTION = register(
    Method(
        name="signed_attention",
        label="±attention",
        title="attention with its side",
        formula="α_t sign(e_t)",
        caveat="where the model looked, and for which label; how much it took there is what evidence says",
        cost="1 forward pass",
        signed=True,
        offered=False,
    )
)
