"""Evidence: which position fixes a decision uses and the state keeps."""
