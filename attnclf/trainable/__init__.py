"""The trainable model, in Keras 3. Importing this package imports Keras: only training and gradients do, inside functions."""
