"""Phones and cards that do not exist: tracks, the bodies their phones would post, payments honest and stolen."""
