"""Settings of the connection to Kafka, of new topics and of consumer groups."""

from typing import Literal

from pydantic import Field, FilePath, SecretStr

from app.settings.address import LOOPBACK_HOST
from app.settings.process import ProcessSettings
from schemas.topics import PARTITIONS


class KafkaSettings(ProcessSettings):
    """Connection to the brokers, parameters of new topics, timing of consumer groups."""

    kafka_bootstrap: str = Field("", description="host:port of the brokers; default: the local broker")
    kafka_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="security protocol; SASL_SSL in production"
    )
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        "SCRAM-SHA-512", description="SASL mechanism"
    )
    kafka_username: str = Field("", description="user name at the brokers")
    kafka_password: SecretStr = Field(SecretStr(""), description="password at the brokers")
    kafka_ca_file: FilePath | None = Field(
        None, description="PEM file of trusted certificates; default: those of the system"
    )
    partitions: int = Field(
        PARTITIONS, ge=1, le=4096, description="partitions of every topic; cannot change once topics exist"
    )
    replication_factor: int = Field(1, ge=1, le=7, description="replicas of new topics; 3 in production")
    min_insync_replicas: int = Field(1, ge=1, le=7, description="min.insync.replicas of new topics; 2 in production")
    session_timeout_s: float = Field(
        10.0, ge=3, le=60, description="seconds without heartbeat until a worker loses its partitions"
    )
    commit_interval_s: float = Field(1.0, ge=0.1, le=10, description="seconds between offset commits")

    @property
    def kafka(self) -> str:
        """Bootstrap servers."""
        return self.kafka_bootstrap or f"{LOOPBACK_HOST}:{self.ports.kafka}"
