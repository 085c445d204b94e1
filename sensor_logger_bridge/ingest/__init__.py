"""Handling of one message: authentication, limits, publication and the answer."""
