"""The sinks, of which each must do what every other does."""

from app.sink.elastic import ElasticSink
from app.sink.mongo import MongoSink

AnySink = MongoSink | ElasticSink
