"""The posts of the sample: synthetic accounts and what they write. `sample_data/make_posts.py` writes them to files."""
