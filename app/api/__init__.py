"""The console's server: what analysts see and say. It reads topics and stores, and can hold up no worker."""
