"""The Python interface: a scikit-learn estimator, `train` for a table, and `load` for a model directory."""

from attnclf.classifier.batches import BatchPredictor as BatchPredictor
from attnclf.classifier.estimator import AttentionClassifier as AttentionClassifier
from attnclf.classifier.estimator import load as load
from attnclf.classifier.training import train as train
