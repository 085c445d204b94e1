"""Who touches the world: brokers, stores, sockets, clocks and the command line."""
