"""The client of the erasure protocol."""
