"""Benchmarks: what they print are ratios, measured in one run on one machine with a real broker."""
