"""The served model: ONNX Runtime and the graphs it runs. This room does not use Keras."""
