"""Settings of the stores, and of Kibana before one of them."""

from pydantic import Field, FilePath, SecretStr
from pydantic_settings import BaseSettings


class StoreSettings(BaseSettings):
    """Where verdicts are kept, and for how long."""

    mongo_url: SecretStr = Field(SecretStr(""), description="mongodb://…; default: the local server")
    mongo_ca_file: FilePath | None = Field(
        None, description="certificates to trust, PEM: turns TLS on; default: the system's, if the URL says tls=true"
    )
    elastic_url: SecretStr = Field(SecretStr(""), description="https://host:9200; default: the local server")
    elastic_api_key: SecretStr = Field(SecretStr(""), description="login at Elasticsearch")
    elastic_ca_file: FilePath | None = Field(None, description="certificates to trust, PEM; default: the system's")
    elastic_replicas: int = Field(0, ge=0, le=5, description="of indexes; 1 in production")
    retention_days: int | None = Field(
        None, ge=1, le=3650, description="what stores keep; `geovelocity retention` deletes older; default: everything"
    )
    kibana_url: SecretStr = Field(SecretStr(""), description="https://host:5601, for `init --kibana`; /s/name: a space")
    kibana_api_key: SecretStr = Field(SecretStr(""), description="login at Kibana")
    kibana_ca_file: FilePath | None = Field(None, description="certificates to trust, PEM; default: the system's")
