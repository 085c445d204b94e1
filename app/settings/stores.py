"""Settings of the stores, and of Kibana in front of Elasticsearch."""

from pydantic import Field, FilePath, SecretStr

from app.settings.address import LOOPBACK_HOST
from app.settings.process import ProcessSettings


class StoreSettings(ProcessSettings):
    """Connections to the stores, and how long they keep documents."""

    mongo_url: SecretStr = Field(
        SecretStr(""), description="mongodb://user:password@host of MongoDB; default: the local server"
    )
    mongo_ca_file: FilePath | None = Field(
        None,
        description="PEM file of trusted certificates, turns on TLS; default: those of the system",
    )
    elastic_url: SecretStr = Field(
        SecretStr(""), description="https://host:9200 of Elasticsearch; default: the local server"
    )
    elastic_api_key: SecretStr = Field(SecretStr(""), description="API key at Elasticsearch")
    elastic_ca_file: FilePath | None = Field(
        None, description="PEM file of trusted certificates; default: those of the system"
    )
    elastic_replicas: int = Field(0, ge=0, le=5, description="replicas of each index; 1 in production")
    retention_days: int | None = Field(
        None,
        ge=1,
        le=3650,
        description="age in days from which `geovelocity retention` deletes documents; default: keep all",
    )
    kibana_url: SecretStr = Field(
        SecretStr(""), description="https://host:5601 of Kibana, for `init --kibana`; append /s/NAME for a space"
    )
    kibana_api_key: SecretStr = Field(SecretStr(""), description="API key at Kibana")
    kibana_ca_file: FilePath | None = Field(
        None, description="PEM file of trusted certificates; default: those of the system"
    )

    @property
    def mongo(self) -> str:
        """URL of MongoDB with its password: for the driver only, never for a log."""
        return self.mongo_url.get_secret_value() or f"mongodb://{LOOPBACK_HOST}:{self.ports.mongo}"

    @property
    def elastic(self) -> str:
        """URL of Elasticsearch, which may contain a password: for the client only, never for a log."""
        return self.elastic_url.get_secret_value() or f"http://{LOOPBACK_HOST}:{self.ports.elastic}"

    @property
    def store_addresses(self) -> dict[str, str]:
        """The configured address of each store, by the name of its setting. May contain passwords."""
        return {
            "mongo_url": self.mongo_url.get_secret_value(),
            "elastic_url": self.elastic_url.get_secret_value(),
        }
