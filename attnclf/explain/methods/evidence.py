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
        caveat="what attention, which has no sign either, is measured by; never shown",
        cost="1 forward pass",
        signed=False,
        offered=False,
    )
)
