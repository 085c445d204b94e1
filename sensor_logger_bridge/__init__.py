"""The bridge: it accepts positions from phones and publishes each message as one `locations` record.

A phone gets 2xx only after all replicas of the broker have confirmed the record.
"""
