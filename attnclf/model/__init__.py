"""The classifier as equations, read alike by Keras (`trainable`), ONNX (`served`) and NumPy (`model.reference`)."""
