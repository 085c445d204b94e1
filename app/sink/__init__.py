"""Stores that keep verdicts for people: each takes only masked ones, each may be written to twice."""
