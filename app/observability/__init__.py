"""Metrics, health endpoints, logging and outage tracking, shared by every process."""
