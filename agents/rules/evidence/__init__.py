"""Evidence: which points of a phone a decision uses and the state keeps."""
