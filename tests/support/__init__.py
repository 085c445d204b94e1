"""Fixtures that several tests share: sample records, servers, clients, and readers of topics and metrics."""
