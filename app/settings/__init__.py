"""Settings of every process, read once from the environment and `.env`."""
