"""State of the devices: registry, token files, last report and sequence of messages."""
