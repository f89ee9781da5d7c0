"""The step of training that `doctor` makes: it fails where padding would change an answer."""

import keras
import pytest

from attnclf.installation import probe
from attnclf.trainable import fit
from attnclf.trainable.model import AttentionClassifier


def test_a_step_is_made_and_padding_changes_nothing() -> None:
    told, seconds = probe.masked_step()
    assert told.startswith("cpu, float32, loss 0.")
    assert seconds > 0


def test_a_mask_that_is_not_kept_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def unmasked(self, inputs, training=False):  # type: ignore[no-untyped-def]
        lengths = inputs["lengths"] * 0 + keras.ops.shape(inputs["ids"])[1]
        return AttentionClassifier.attend_to(self, self.embed(inputs), {"lengths": lengths}, training)

    monkeypatch.setattr(fit.AttentionClassifier, "attend", unmasked)
    with pytest.raises(ArithmeticError, match="padding changes a logit by"):
        probe.masked_step()


def test_what_fails_is_told_in_one_line() -> None:
    assert probe.told(ImportError("\nno libcuda.so\nmore")) == "ImportError: no libcuda.so"
    assert probe.told(SystemExit()) == "SystemExit: "
