"""Pairing: a person sets up a phone, from the bridge's own page, and sees there that it is heard."""
