"""Fail-stop, failpoints and the partition lease."""
