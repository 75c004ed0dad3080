"""Owns who holds what, since when, and what is agreed to change: facts, actions, the lifecycle.

Does not own prices of what happens (billing) nor answers to "may I?" (access): it hands billing
the occurrences that have a price, and access the facts as time leaves them.
"""
