"""Cases of the console: search, history, feedback and export."""
