"""Evidence: what the model took at each token. Its equation and code are in `attnclf.explain.evidence`."""

from attnclf.explain.methods.base import Method, register

EVIDENCE = register(
    Method(
        name="evidence",
        title="evidence",
        formula="α_t (w_k − w_r)·v_t + λ_tk − λ_tr",
        caveat="sums exactly to the log-odds; what the model took at a token, not all that deleting it would change",
        cost="1 forward pass",
        signed=True,
    )
)
EVIDENCE_SIZE = register(
    Method(
        name="evidence_size",
        label="|evidence|",
        title="evidence without its sign",
        formula="|e_t|",
        caveat="the most that a number without a sign can say, and so the ceiling of attention; only measured, never shown",
        cost="1 forward pass",
        signed=False,
        offered=False,
    )
)
