"""Stores that keep verdicts and feedback for people: each takes only masked ones, each may be written to twice."""
