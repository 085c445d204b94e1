"""Alerts: notify people about suspect payments by webhook, e-mail and chat."""
