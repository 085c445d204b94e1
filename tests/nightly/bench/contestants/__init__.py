"""Programs of the contestants. This package imports nothing, because they run in environments of other engines."""
