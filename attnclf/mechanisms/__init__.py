"""Attention mechanisms: each file one equation, read by Keras, NumPy and ONNX alike."""

from attnclf.mechanisms import additive as additive
from attnclf.mechanisms.base import MECHANISMS as MECHANISMS
from attnclf.mechanisms.base import Mechanism as Mechanism
