"""A model as MLflow keeps it: the model directory, with a signature and an example. Nothing in it is pickled."""

import tempfile
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

from attnclf.extras import extra
from attnclf.served.model import ServedModel

TYPES = {"str": "string", "int": "long", "float": "double", "bool": "boolean"}
EXAMPLE = "get 1000 f0llowers fast, link in bio"
LOADER = "attnclf.export.loaded"


def library() -> Any:
    """MLflow. Raises UsageError where it is not installed."""
    with extra("mlflow", of="export mlflow", library="MLflow"):
        import mlflow.pyfunc
    return mlflow


def save(served: ServedModel, folder: Path) -> None:
    """Writes the model into `folder`, which is empty. Raises UsageError without MLflow."""
    mlflow = library()
    import pandas as pd

    names = served.bundle.config.data.text_col
    with tempfile.TemporaryDirectory() as temporary, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a loader module is not code in the model, which is meant
        copied = Path(temporary) / "model"
        served.bundle.copy_to(copied)
        mlflow.pyfunc.save_model(
            path=str(folder),
            loader_module=LOADER,
            data_path=str(copied),
            signature=_signature(mlflow, served),
            input_example=pd.DataFrame({name: [EXAMPLE] for name in names}),
            pip_requirements=[f"attnclf=={version('attnclf')}"],
        )


def _signature(mlflow: Any, served: ServedModel) -> Any:
    """Columns in and columns out, with their types."""
    types = mlflow.types.schema
    inputs = [types.ColSpec("string", name) for name in served.bundle.config.data.text_col]
    outputs = [
        types.ColSpec(TYPES[served.bundle.label_type], "predicted"),
        types.ColSpec("double", "probability"),
        types.ColSpec("double", "known"),
        types.ColSpec("boolean", "truncated"),
        *(types.ColSpec("double", f"probability_{label}") for label in served.labels),
    ]
    return mlflow.models.ModelSignature(types.Schema(inputs), types.Schema(outputs))
