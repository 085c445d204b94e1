"""What Kibana shows of the verdicts in Elasticsearch: saved objects, made from these definitions.

`python -m deploy.kibana` writes them to `geovelocity.ndjson`; `geovelocity init --kibana` imports them.
"""
