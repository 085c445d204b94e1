"""One pure translator an app: what was sent in, a `Translation` out. No clock: the time of receipt is given."""
