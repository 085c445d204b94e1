"""Faults: each breaks one thing, mends it, and says how long the service took to be well again."""
