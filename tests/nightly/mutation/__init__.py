"""Mutation tests: each makes one change in a module, and a test must fail.

`make mutants ARGS="agents.rules.evidence.downsampling"` mutates a module. A mutant that no test detects must be listed
with its reason in SURVIVORS.md. `make mutants ARGS=--guards` removes each of the guards of input and privacy.
"""
