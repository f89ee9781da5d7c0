"""The linear model next to the network, the mixing weights of the two, and the TF-IDF baseline."""
