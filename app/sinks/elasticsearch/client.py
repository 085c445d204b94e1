"""The client of Elasticsearch, and its errors as messages for operators."""

from typing import Any, Final

from elastic_transport import TlsError, TransportError
from elasticsearch import ApiError, AsyncElasticsearch

from app.errors import ConfigurationError, UnavailableError
from app.settings import Settings

REQUEST_TIMEOUT_S: Final = 20.0
AUTH_ERRORS: Final = frozenset({401, 403})


def elastic_client(settings: Settings) -> AsyncElasticsearch:
    """Return a client that connects with its first request. The caller closes it.

    Raises:
        ConfigurationError: the URL is invalid.
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
            request_timeout=REQUEST_TIMEOUT_S,
            max_retries=0,  # the callers retry: a sink without limit, a person by hand
        )
    except ValueError:
        raise ConfigurationError(
            "GEOVELOCITY_ELASTIC_URL cannot be used: write it as https://host:9200, since a CA file needs https"
        ) from None


def unavailable(error: ApiError | TransportError) -> UnavailableError:
    """Return the error for an operator. It omits the server's message, which can quote documents."""
    if isinstance(error, ApiError) and error.status_code in AUTH_ERRORS:
        return UnavailableError(
            f"Elasticsearch rejected the credentials (status {error.status_code}): "
            "check GEOVELOCITY_ELASTIC_API_KEY, or the login in GEOVELOCITY_ELASTIC_URL"
        )
    if isinstance(error, TlsError):
        return UnavailableError(
            "Elasticsearch's certificate is not trusted: "
            "set GEOVELOCITY_ELASTIC_CA_FILE to the certificate of its authority"
        )
    return UnavailableError(
        f"Elasticsearch does not answer ({type(error).__name__}): start it (`make up`) or set GEOVELOCITY_ELASTIC_URL"
    )
