"""Benchmarks on one machine with a real broker. Their results are ratios within one run."""
