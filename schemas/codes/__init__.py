"""The codes that records and metrics carry: reasons, rejects, faults of fixes, outcomes of records."""
