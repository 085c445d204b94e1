"""How Geovelocity is run: local servers here, containers and dashboards beside them."""
