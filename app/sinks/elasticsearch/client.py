"""How to reach Elasticsearch, and what to say when it is not reached."""

from typing import Any, Final

from elastic_transport import TlsError, TransportError
from elasticsearch import ApiError, AsyncElasticsearch

from app.errors import ConfigurationError, UnavailableError
from app.settings import Settings

ANSWER_WITHIN_S: Final = 20.0
NOT_LET_IN: Final = frozenset({401, 403})


def elastic_client(settings: Settings) -> AsyncElasticsearch:
    """A client, which is to be closed. It connects when it is first asked something.

    Raises:
        ConfigurationError: the address is none.
    """
    key = settings.elastic_api_key.get_secret_value()
    trust: dict[str, Any] = {}
    if settings.elastic_ca_file is not None:
        trust["ca_certs"] = str(settings.elastic_ca_file)
    try:
        return AsyncElasticsearch(
            settings.elastic,
            api_key=key or None,
            **trust,
            request_timeout=ANSWER_WITHIN_S,
            max_retries=0,  # whoever asks tries again: a drain for as long as it takes, a person when he likes
        )
    except ValueError:
        raise ConfigurationError(
            "GEOVELOCITY_ELASTIC_URL cannot be used: write it as https://host:9200; only https has a certificate"
        ) from None


def unavailable(error: ApiError | TransportError) -> UnavailableError:
    """What to tell a person: the kind, since the server's text can quote documents ("Preview of field's value")."""
    if isinstance(error, ApiError) and error.status_code in NOT_LET_IN:
        return UnavailableError(
            f"Elasticsearch does not let us in (status {error.status_code}): "
            "check GEOVELOCITY_ELASTIC_API_KEY, or the login in GEOVELOCITY_ELASTIC_URL"
        )
    if isinstance(error, TlsError):
        return UnavailableError(
            "Elasticsearch's certificate is not trusted: set GEOVELOCITY_ELASTIC_CA_FILE to that of whoever signed it"
        )
    return UnavailableError(
        f"Elasticsearch does not answer ({type(error).__name__}): start it (`make up`) or set GEOVELOCITY_ELASTIC_URL"
    )
