"""Hardened HTTP server: connection limits, timeouts, body limits, tokens and OpenAPI."""
