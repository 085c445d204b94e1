"""One pure translator an app: bytes in, a `Translation` out. No clock, no network: the time of receipt is given."""
