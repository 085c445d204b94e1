"""Alert channels: one module per way to notify people."""
