"""Cases of the console: search, history, phone track, feedback and CSV export."""
