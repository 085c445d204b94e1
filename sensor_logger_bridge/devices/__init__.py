"""Devices: registry, token files, last report and message sequence."""
