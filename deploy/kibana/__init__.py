"""Definitions of the Kibana dashboards, from which the saved objects are generated.

`python -m deploy.kibana` writes the objects to `app/sinks/elasticsearch/dashboards.ndjson`.
`geovelocity init --kibana` imports that file.
"""
