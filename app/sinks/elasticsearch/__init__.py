"""The Elasticsearch sink: client, mappings, ECS fields, and the import of dashboards into Kibana."""
