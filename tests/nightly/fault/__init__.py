"""The fault bench: the whole service under load while things break, and one checker of what it left behind."""
