"""Masking keys: where they come from, and the keyring that reloads them."""
