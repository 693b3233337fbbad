"""What a sample's answer is worth, one module for each group of metrics.

Each ``measures`` returns numbers by the name of their metric, without those that the request did
not ask for.
"""
