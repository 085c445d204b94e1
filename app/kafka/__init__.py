"""Kafka clients without Faust: connection options, administration, topic checks and readers."""
