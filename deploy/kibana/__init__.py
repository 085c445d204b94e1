"""What Kibana shows of the verdicts in Elasticsearch: saved objects, made from these definitions.

`python -m deploy.kibana` writes them to `app/sinks/elasticsearch/dashboards.ndjson`, which `geovelocity init --kibana`
imports.
"""
