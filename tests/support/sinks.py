"""The sinks, of which each must do what every other does."""

from app.sinks.elasticsearch.sink import ElasticSink
from app.sinks.mongo import MongoSink

AnySink = MongoSink | ElasticSink
