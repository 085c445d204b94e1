"""The records on the topics: their types, their strict parsers, and the codes for records that are rejected."""
