"""Logistic regression on a product: scikit-learn's answers, from a matrix that is never made."""

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse import random as random_sparse
from sklearn.linear_model import LogisticRegression

from attnclf.linear.regression import Product, fit, logits
from attnclf.results import softmax


def some_product(seed: int = 0) -> Product:
    rng = np.random.default_rng(seed)
    left, right = (
        random_sparse(*shape, density=0.2, rng=rng, format="csr", dtype=np.float32) for shape in ((60, 40), (40, 30))
    )
    return Product(left, right)


@pytest.mark.parametrize("c", [0.3, 100.0])
@pytest.mark.parametrize("labels", [2, 3, 5])
def test_it_answers_as_scikit_learn(labels: int, c: float) -> None:
    x, targets = some_product(), np.arange(60, dtype=np.int32) * 7 % labels
    found = fit(x, targets, labels, c)
    assert found.shape == (31, 1 if labels == 2 else labels)
    explicit = (x.left @ x.right).toarray().astype(np.float64)
    theirs = LogisticRegression(C=c, solver="newton-cg", tol=1e-8, max_iter=10_000).fit(explicit, targets)
    assert np.abs(softmax(logits(x, found)) - theirs.predict_proba(explicit)).max() < 1e-3


def test_a_start_changes_the_way_and_not_the_end() -> None:
    x, targets = some_product(), np.arange(60, dtype=np.int32) % 3
    cold = fit(x, targets, 3, 10.0)
    for c in (1.0, 1000.0):
        warm = fit(x, targets, 3, 10.0, start=fit(x, targets, 3, c))
        assert np.abs(logits(x, cold) - logits(x, warm)).max() < 5e-3


def test_rows_and_scales_are_those_of_the_matrix() -> None:
    x, rows, columns = some_product(), np.linspace(1, 2, 60), np.linspace(-1, 3, 30)
    explicit = (x.left @ x.right).toarray()
    scaled = x.scaled(rows, columns)
    expected = explicit * rows[:, None] * columns
    assert np.allclose(scaled @ np.eye(30, dtype=np.float32), expected, atol=1e-5)
    assert np.allclose(scaled.transposed_times(np.eye(60, dtype=np.float32)), expected.T, atol=1e-5)
    for some in (np.array([3, 1, 50]), np.arange(5, 58)):
        assert np.allclose(x.rows(some) @ np.ones(30, np.float32), explicit[some].sum(axis=1), atol=1e-4)
        assert np.allclose(scaled.rows(some) @ np.ones(30, np.float32), expected[some].sum(axis=1), atol=1e-4)
    assert x.rows(np.array([3])).right.shape[0] < x.right.shape[0]  # only what the row holds


def test_certain_rows_overflow_nothing() -> None:
    """One feature tells the label and nothing holds it back."""
    one = csr_array(np.eye(4, dtype=np.float32))
    eye = Product(one, one)
    for labels in (2, 4):
        found = fit(eye, np.arange(4, dtype=np.int32) % labels, labels, 1e6)
        assert np.isfinite(found).all()
        assert (logits(eye, found).argmax(axis=1) == np.arange(4) % labels).all()
