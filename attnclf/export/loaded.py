"""What MLflow calls in a folder that `attnclf export mlflow` has written: it opens the model directory in it."""

from typing import Any

from attnclf.classifier.batches import DEFAULT, BatchPredictor

OUTPUTS = (*DEFAULT, "probabilities")


def _load_pyfunc(path: str) -> "MLflowModel":
    """The model directory at `path`; MLflow finds this function by its name."""
    return MLflowModel(path)


class MLflowModel:
    """A model of MLflow's kind `python_function`: a DataFrame with the columns of texts → a DataFrame with the answers."""

    def __init__(self, path: str) -> None:
        self._answers = BatchPredictor(path, OUTPUTS)

    def predict(self, model_input: Any, params: Any = None) -> Any:
        """One row of answers for each row, without the columns that came in."""
        return self._answers(model_input).drop(columns=list(model_input.columns))
