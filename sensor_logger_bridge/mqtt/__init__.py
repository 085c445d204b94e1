"""MQTT client of the bridge."""
