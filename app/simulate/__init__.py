"""Simulated phones and cards: tracks, request bodies, honest and stolen payments."""
