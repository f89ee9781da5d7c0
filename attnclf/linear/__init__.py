"""The linear model beside the network, how the two are mixed, and the TF-IDF baseline."""
