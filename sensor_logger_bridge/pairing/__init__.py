"""The pairing page of the bridge: a person sets up a phone there, and sees whether the bridge receives its messages."""
