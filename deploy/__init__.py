"""Deployment: local servers, containers, Prometheus and Kibana."""
