"""What is true. Pure: no clock, no I/O, no log, no randomness. Times enter as data, units are in names."""
