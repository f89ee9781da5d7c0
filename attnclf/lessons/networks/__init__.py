"""What several lessons need of Keras: attention with a query of one's own, learning with progress, writing word by word.

Importing the modules of this package imports Keras. Lessons do so inside functions.
"""
