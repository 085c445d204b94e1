"""Writers: the Kafka producer and the sink writer with its retries."""
