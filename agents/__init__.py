"""What happens to a stream: plain functions over batches, no broker in sight."""
