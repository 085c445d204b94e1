"""One file for each phone app: its translator, its message schemas and the values a person enters in it.

A translator is a pure function from a `Request` to a `Translation`. It reads no clock: the caller passes the time of
receipt.
"""
