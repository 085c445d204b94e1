"""The console's server: live suspects, case search and analyst feedback. It joins no consumer group of a worker."""
