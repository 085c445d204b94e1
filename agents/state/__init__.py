"""State of one device: position history, open payments, deduplication and erasure tombstones."""
