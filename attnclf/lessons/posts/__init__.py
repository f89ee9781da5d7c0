"""The posts of the sample: synthetic accounts and what they write, and the same as numbers.

`sample_data/make_posts.py` writes them to files.
"""
