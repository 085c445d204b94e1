"""Live part of the console: consumer, in-memory state, statistics, event hub and event stream."""
