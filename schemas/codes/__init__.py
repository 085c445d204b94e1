"""Codes in records and metric labels: reasons, rejects, faults of fixes, outcomes of records."""
