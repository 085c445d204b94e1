"""Client of the erasure protocol."""
