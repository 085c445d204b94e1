"""Records from Kafka: consumer, fetched batches, offset gaps, queues and processed offsets."""
