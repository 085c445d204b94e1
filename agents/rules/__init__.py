"""The rule: pure functions without clock, I/O, log or randomness. Times enter as data, names carry units."""
