"""The classifier as equations, shared by Keras (`trainable`), ONNX (`served`) and NumPy (`model.reference`)."""
