"""A model for other programs: as ONNX graphs with all that another language needs, or as a model of MLflow."""
