"""Alerts: people are told of suspects where they are, by webhook, e-mail and chat."""
