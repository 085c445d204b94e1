"""Real Kafka, Elasticsearch and a MongoDB-compatible server as plain local processes.

They need Python and the package registries, and no container engine. The demo, `make up`, the tests and the benchmarks
use the same code.
"""
