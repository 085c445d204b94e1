"""Durable state: changelog, checkpoints, partition stores, compaction and expiry."""
