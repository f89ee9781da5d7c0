"""How well a classifier does: its scores, and its evaluation on a labelled table."""
