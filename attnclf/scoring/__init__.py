"""How well a classifier does: scores, and the evaluation of a labelled table."""
