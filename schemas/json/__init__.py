"""Strict reading of JSON and of the values in it: identifiers, timestamps, currencies."""
