"""Sinks: copy verdicts and feedback into stores. A store is one class that implements `app.sinks.base.Sink`."""
