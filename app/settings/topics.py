"""Settings of the topics' names."""

from functools import cached_property
from typing import Any

from pydantic import Field
from pydantic_settings import BaseSettings

from schemas.topics import TOPICS, Topics


def _name(topic: str) -> Any:  # noqa: ANN401 - as pydantic's own Field
    """Return the field for the name of one topic of `TOPICS`."""
    return Field(TOPICS[topic].name, description=f"name of the topic for {TOPICS[topic].content}")


class TopicSettings(BaseSettings):
    """Names of the topics, for a cluster that has its own naming rules."""

    topic_prefix: str = Field("", pattern=r"^[A-Za-z0-9._-]{0,60}$", description="prefix of every topic name")
    topic_transactions: str = _name("transactions")
    topic_locations: str = _name("locations")
    topic_verdicts: str = _name("verdicts")
    topic_suspects: str = _name("suspects")
    topic_dead_letters: str = _name("dead_letters")
    topic_ticks: str = _name("ticks")
    topic_erasures: str = _name("erasures")
    topic_feedback: str = _name("feedback")

    @cached_property
    def topics(self) -> Topics:
        """Names of all topics, prefix included."""
        return Topics(**{topic: self.topic_prefix + getattr(self, f"topic_{topic}") for topic in TOPICS})
