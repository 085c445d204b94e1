"""The hardened HTTP server: connection limits, timeouts, body limits, tokens and the OpenAPI document."""
