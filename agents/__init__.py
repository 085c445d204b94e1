"""Agents: plain functions over batches of a stream, without a broker."""
