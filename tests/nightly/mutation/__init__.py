"""Mutation: is there a test for it? One change at a time is made in a module, and a test must fail.

`make mutants ARGS="agents.rules.evidence.downsampling"` mutates a module. A mutant that no test detects must
stand, with its reason, in SURVIVORS.md. `make mutants ARGS=--guards` drops each of the guards of input and privacy.
"""
