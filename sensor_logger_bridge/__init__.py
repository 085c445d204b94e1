"""Where it comes from: phones post their positions, and each app's own words become one `locations` record.

A phone is told 2xx only after the broker has confirmed the record on all its replicas.
"""
