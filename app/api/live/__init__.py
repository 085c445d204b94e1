"""Live view of the console: verdict consumer, statistics and server-sent events."""
