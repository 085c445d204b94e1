"""Publication: masking, hashing and wording of an assessment as a verdict."""
