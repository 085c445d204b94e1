"""The programs of the contestants. Imports nothing: they run in environments of other engines."""
