"""One room on many nodes, over Redis."""
