"""Guards of the bridge: messages of phones before they become records."""

from typing import Final

from tests.nightly.mutation.guard import Guard

_UNIT: Final = "tests/unit/"
_HTTP_TESTS: Final = "tests/http/"
_BAD_BODY: Final = (
    f"{_UNIT}bad_inputs/test_sensor_logger.py::test_a_bad_body_is_rejected_with_a_code_and_without_its_content"
)
_BAD_MESSAGE: Final = (
    f"{_UNIT}bad_inputs/test_other_apps.py::test_a_bad_message_is_rejected_with_a_code_and_without_its_content"
)
_BAD_REQUEST: Final = (
    f"{_HTTP_TESTS}bad_inputs/test_http.py::test_a_bad_request_gets_its_status_and_no_answer_with_its_content"
)
_MALFORMED: Final = f"{_HTTP_TESTS}bad_inputs/test_http.py::test_malformed_http_is_rejected_and_not_quoted"

BRIDGE: Final = (
    Guard(
        "a session id is checked like a device id",
        "sensor_logger_bridge.apps.sensor_logger",
        "_parse",
        "check_session_id(message.sessionId)",
        "None",
        f"{_BAD_BODY}[67 a card as session]",
    ),
    Guard(
        "an unknown token is rejected",
        "sensor_logger_bridge.server",
        "Bridge._push",
        "owner is None",
        "False",
        f"{_BAD_REQUEST}[77 another token]",
    ),
    Guard(
        "a token is for its own device",
        "sensor_logger_bridge.apps.sensor_logger",
        "translate",
        "message.deviceId == owner",
        "True",
        f"{_BAD_REQUEST}[44 another device's id]",
    ),
    Guard(
        "a token is for its own device, also in a query",
        "sensor_logger_bridge.apps.traccar",
        "_from_query",
        "{texts.get('id', message.owner), texts.get('deviceid', message.owner)} != {message.owner}",
        "False",
        f"{_BAD_MESSAGE}[44 two ids]",
    ),
    Guard(
        "a fix with a future time is accepted from no app",
        "sensor_logger_bridge.apps.stored_batch",
        "_check_time",
        "(ahead_ms := item.at_ms - message.received_at_ms) > AHEAD_MAX_MS",
        "(ahead_ms := 0)",
        f"{_UNIT}sensor_logger_bridge/apps/test_stored_batch.py::test_only_the_future_positions_of_a_batch_are_dropped",
    ),
    Guard(
        "a repeated parameter is rejected",
        "sensor_logger_bridge.apps.parameters",
        "parameters_of",
        "len(found) != len(requested)",
        "False",
        f"{_BAD_MESSAGE}[58 latitude twice, once escaped]",
    ),
    Guard(
        "a pairing page shows nothing without a known token",
        "sensor_logger_bridge.pairing.page",
        "Pairing._admit",
        "owner is None",
        "False",
        f"{_HTTP_TESTS}sensor_logger_bridge/pairing/test_page.py::test_an_unknown_token_gets_a_sentence_and_is_counted",
    ),
    Guard(
        "a pairing page has its own rate limit",
        "sensor_logger_bridge.pairing.page",
        "Pairing._admit",
        "self._rate_limiter.try_acquire(owner, time.monotonic())",
        "True",
        f"{_HTTP_TESTS}sensor_logger_bridge/pairing/test_page.py::test_pages_are_rate_limited_apart_from_the_phone",
    ),
    Guard(
        "tokens are stored and compared as hashes",
        "sensor_logger_bridge.devices.token_file",
        "token_digest",
        "sha256(token.encode(errors='surrogateescape')).hexdigest()",
        "token",
        f"{_UNIT}sensor_logger_bridge/devices/test_token_file.py::test_the_file_holds_no_token_and_only_its_owner_can_read_it",
    ),
    Guard(
        "a body's limit is checked before reading",
        "sensor_logger_bridge.http.body",
        "read_body",
        "(request.content_length or 0) > app.bytes_max",
        "False",
        f"{_MALFORMED}[60 10 MB announced, and not waited for]",
    ),
    Guard(
        "a body's limit is checked while reading",
        "sensor_logger_bridge.http.body",
        "_collect",
        "len(body) > bytes_max",
        "False",
        f"{_MALFORMED}[60 chunks of more than may be]",
    ),
    Guard(
        "a body's limit is checked after decompression",
        "sensor_logger_bridge.http.body",
        "_decompress",
        "len(body) > bytes_max",
        "False",
        f"{_HTTP_TESTS}bad_inputs/test_http.py::test_61_a_gzip_bomb_is_not_decompressed",
    ),
    Guard(
        "a body has a timeout",
        "sensor_logger_bridge.http.body",
        "read_body",
        "asyncio.timeout(BODY_TIMEOUT_S)",
        "asyncio.timeout(6 + BODY_TIMEOUT_S)",
        f"{_MALFORMED}[60 chunks without end]",
    ),
    Guard(
        "malformed HTTP is not quoted",
        "sensor_logger_bridge.http.server_hardening",
        "HardenedHandler.handle_error",
        "f'{HTTPStatus(status).phrase}.'",
        "message",
        f"{_MALFORMED}[67 a header longer than may be]",
    ),
    Guard(
        "an unauthenticated connection has a timeout",
        "sensor_logger_bridge.http.connection_limiter",
        "ConnectionLimiter.evict_expired",
        "now_s - timeout_s",
        "-1e9",
        f"{_UNIT}sensor_logger_bridge/http/test_connection_limiter.py::test_an_unauthenticated_connection_expires",
    ),
    Guard(
        "one address has a limited share of the connections",
        "sensor_logger_bridge.http.connection_limiter",
        "ConnectionLimiter.opened",
        "self._unauthenticated.count(network) > max(1, self._connections_max // PER_ADDRESS_SHARE)",
        "False",
        f"{_UNIT}sensor_logger_bridge/http/test_connection_limiter.py::test_a_flood_from_one_address_evicts_only_itself",
    ),
    Guard(
        "a token expires after its days",
        "sensor_logger_bridge.devices.registry",
        "DeviceRegistry.device_of",
        "entry.until_s <= self._clock()",
        "False",
        f"{_UNIT}sensor_logger_bridge/devices/test_registry.py::test_a_token_expires_after_its_days",
    ),
)
