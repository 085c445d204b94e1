"""The MQTT client of the bridge: broker addresses and the subscriber."""
