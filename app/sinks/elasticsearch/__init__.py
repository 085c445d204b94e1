"""Elasticsearch sink: documents, mappings, ECS fields and Kibana dashboards."""
