"""scikit-learn's own checks of an estimator, and which of them a classifier of texts cannot pass."""

from typing import Any, Self

import pytest
from sklearn.utils.estimator_checks import check_estimator
from sklearn.utils.validation import validate_data

from attnclf import AttentionClassifier
from tests.unit.classifier.conftest import FEW_ROWS

NUMBERS = "it trains on numbers, and texts are asked for"
MESSAGE = "it asks for a message about numbers, and texts are asked for"
# Checks that a classifier of texts cannot pass as it stands.
TEXT_ONLY = {
    "check_fit_score_takes_y": NUMBERS,
    "check_estimators_overwrite_params": NUMBERS,
    "check_dont_overwrite_parameters": NUMBERS,
    "check_estimators_fit_returns_self": NUMBERS,
    "check_readonly_memmap_input": NUMBERS,
    "check_n_features_in_after_fitting": NUMBERS,
    "check_positive_only_tag_during_fit": NUMBERS,
    "check_estimators_dtypes": NUMBERS,
    "check_complex_data": MESSAGE,
    "check_dtype_object": NUMBERS,
    "check_estimators_empty_data_messages": MESSAGE,
    "check_pipeline_consistency": NUMBERS,
    "check_estimators_nan_inf": MESSAGE,
    "check_estimator_sparse_tag": MESSAGE,
    "check_estimator_sparse_array": MESSAGE,
    "check_estimator_sparse_matrix": MESSAGE,
    "check_estimators_pickle": NUMBERS,
    "check_f_contiguous_array_estimator": NUMBERS,
    "check_classifier_data_not_an_array": NUMBERS,
    "check_classifiers_one_label": NUMBERS,
    "check_classifiers_classes": NUMBERS,
    "check_classifiers_train": NUMBERS,
    "check_classifiers_regression_target": NUMBERS,
    "check_supervised_y_2d": NUMBERS,
    "check_methods_sample_order_invariance": NUMBERS,
    "check_methods_subset_invariance": NUMBERS,
    "check_fit2d_1sample": MESSAGE,
    "check_fit2d_1feature": NUMBERS,
    "check_dict_unchanged": NUMBERS,
    "check_fit_idempotent": NUMBERS,
    "check_fit_check_is_fitted": NUMBERS,
    "check_n_features_in": NUMBERS,
    "check_fit2d_predict1d": NUMBERS,
}
# The one that fails even when numbers are made texts.
ALWAYS = {"check_class_weight_classifiers": "class_weight is 'auto', 'none' or 'balanced', and no dictionary of weights"}

pytestmark = pytest.mark.filterwarnings(
    "ignore:.*does not inherit from:UserWarning",  # of BaseEstimator, whose import takes longer than a whole prediction
    "ignore::sklearn.exceptions.DataConversionWarning",
    "ignore:.*nothing the model knows:UserWarning",
    FEW_ROWS,
)


class Matrices(AttentionClassifier):
    """Asks scikit-learn for all of its checks: it says that it takes matrices."""

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array, tags.input_tags.two_d_array, tags.input_tags.string = False, True, False
        tags.classifier_tags.poor_score = True  # nothing is trained here
        return tags


class Written(Matrices):
    """Takes them, too: each row of numbers is written as a text, so that the checks reach everything behind the texts."""

    def _written(self, X: Any, reset: bool = False) -> list[str]:
        return [" ".join(f"f{n}_{x:.1f}" for n, x in enumerate(row)) for row in validate_data(self, X, reset=reset)]

    def fit(self, X: Any, y: Any, groups: Any = None) -> Self:
        return super().fit(self._written(X, reset=True), y, groups)

    def predict(self, X: Any) -> Any:
        _ = self.classes_  # says first whether it is fitted
        return super().predict(self._written(X))

    def predict_proba(self, X: Any) -> Any:
        _ = self.classes_
        return super().predict_proba(self._written(X))


def failures(estimator: AttentionClassifier, expected: dict[str, str]) -> list[str]:
    """The checks that fail although nothing says why, with what they say."""
    results = check_estimator(estimator, expected_failed_checks=expected, on_fail=None, on_skip=None)
    assert sum(result["status"] == "passed" for result in results) > 15
    return [f"{result['check_name']}: {result['exception']}" for result in results if result["status"] == "failed"]


def test_the_estimator_says_that_it_takes_texts_and_passes_what_is_left_then() -> None:
    with pytest.warns(UserWarning, match="requires input"):
        results = check_estimator(AttentionClassifier(), on_skip=None)
    assert [result["status"] for result in results] == ["passed"]


def test_checks_with_numbers_fail_and_no_others() -> None:
    assert failures(Matrices(), TEXT_ONLY | ALWAYS) == []


@pytest.mark.usefixtures("quick_training")
def test_with_numbers_written_as_texts_all_checks_pass_but_one() -> None:
    assert failures(Written(level="char"), ALWAYS) == []
