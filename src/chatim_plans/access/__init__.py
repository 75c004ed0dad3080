"""Owns what an account may do at an instant, why, until when, and what people are told.

Does not own money owed: access reads a `Subscription` and never meets billing. Authenticating
people and finding their account are the application's.
"""
