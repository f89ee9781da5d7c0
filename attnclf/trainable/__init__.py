"""The trainable model, in Keras 3.

Importing the modules of this package imports Keras, but for `cycles`. Only training and gradients do so, and only inside
functions.
"""
