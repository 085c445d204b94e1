"""Alert channels: one module per channel, named like it, with a function `make`."""
