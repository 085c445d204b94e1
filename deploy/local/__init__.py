"""Real Kafka, Elasticsearch and a MongoDB-compatible server as plain local processes.

Needs nothing but Python and the package registries. The same code serves the demo, `make up`, the
tests and the benchmarks.
"""
