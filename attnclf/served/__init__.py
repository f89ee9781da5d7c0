"""The served model: ONNX Runtime and the graph it runs. Knows nothing of Keras."""
