"""Fault bench: the whole service under load while parts break, and a checker of the result."""
