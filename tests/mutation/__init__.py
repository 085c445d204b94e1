"""Mutation: is there a test for it? One change at a time is made in a module, and a test must fail.

`make mutants ARGS="agents.rules.buckets"` changes whatever can be changed in a module; what no test tells apart must
stand, with its reason, in SURVIVORS.md. `make mutants ARGS=--guards` drops each of the guards of input and privacy.
"""
