"""Authentication of the console: users, sessions and the middleware."""
