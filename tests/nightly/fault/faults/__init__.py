"""Faults: each breaks one part, repairs it, and returns the recovery time of the service."""
