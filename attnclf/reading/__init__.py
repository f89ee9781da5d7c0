"""Texts → tokens → the arrays that a model reads."""
