"""Nodes of one room, people who talk in it, faults, and a checker that reads what all have read.

`python -m tools.soak` does faults at random for as long as it is told; the tests of the cluster
have one of them at a time.
"""
