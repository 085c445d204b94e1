"""Handling of one message, from any app and over any transport: limits, publication and counters."""
