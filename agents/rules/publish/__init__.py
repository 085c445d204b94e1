"""Masking, hashing and wording of a finding for publication as a verdict."""
