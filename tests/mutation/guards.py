"""Guards: what stands between bad input, or a person's data, and the rest. Each has a test that fails without it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType
from typing import Final

from tests.mutation.mutant import read

_UNIT: Final = "tests/unit/"
_PAID: Final = f"{_UNIT}test_bad_inputs_transactions.py::test_a_bad_payment_becomes_one_dead_letter_with_code_and_field"
_PUSHED: Final = f"{_UNIT}test_bad_inputs_locations.py::test_a_bad_push_becomes_one_dead_letter_with_code_and_field"
_FIXED: Final = f"{_UNIT}test_bad_inputs_locations.py::test_a_doubtful_fix_is_taken_for_what_it_is"
_JUDGED: Final = f"{_UNIT}test_bad_inputs_verdicts.py::test_a_doubtful_payment_gets_one_verdict"
_POSTED: Final = f"{_UNIT}test_bad_inputs_bridge.py::test_a_bad_body_is_refused_with_a_code_and_without_its_content"
_TOLD: Final = f"{_UNIT}test_bad_inputs_apps.py::test_a_bad_message_is_refused_with_a_code_and_without_its_content"
_HTTP: Final = f"{_UNIT}test_bad_inputs_http.py::test_a_bad_request_is_answered_with_its_status_and_without_its_content"
_WIRE: Final = f"{_UNIT}test_bad_inputs_http.py::test_what_is_hardly_http_is_refused_and_not_quoted"


@dataclass(frozen=True)
class Guard:
    """`expression` in a function of a module, what is there `instead` when it is dropped, and its `test`."""

    name: str
    module: str
    function: str
    expression: str
    instead: str
    test: str

    @property
    def where(self) -> str:
        return f"{self.module}.{self.function}"

    def found(self) -> int:
        """How often the expression stands in the function."""
        return len(list(self._places(ast.parse(read(self.module)[1]))))

    def dropped(self) -> CodeType:
        """The module without it."""
        path, source = read(self.module)
        tree = ast.parse(source)
        (place,) = self._places(tree)
        _Swap(place, _expression(self.instead)).visit(tree)
        return compile(ast.fix_missing_locations(tree), str(path), "exec")

    def _places(self, tree: ast.Module) -> Iterator[ast.expr]:
        wanted = ast.unparse(_expression(self.expression))
        for node in ast.walk(_inside(tree, self.function.split("."))):
            if isinstance(node, ast.expr) and ast.unparse(node) == wanted:
                yield node


class _Swap(ast.NodeTransformer):
    """One node in place of another."""

    def __init__(self, old: ast.expr, new: ast.expr) -> None:
        self._old = old
        self._new = new

    def visit(self, node: ast.AST) -> ast.AST:
        return self._new if node is self._old else self.generic_visit(node)


def _expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _inside(tree: ast.AST, names: list[str]) -> ast.AST:
    """The function of that name, or the method of that class."""
    for name in names:
        tree = next(node for node in ast.walk(tree) if getattr(node, "name", None) == name)
    return tree


GUARDS: Final = (
    Guard(
        "the card's token in place of its number",
        "agents.rules.mask",
        "Masker.mask",
        "self.token('card', pan)",
        "pan",
        f"{_JUDGED}[69 failing its check digit]",
    ),
    Guard(
        "card numbers are taken out of texts",
        "agents.rules.mask",
        "Masker.mask",
        "scrubbed(payment.merchant)",
        "payment.merchant",
        f"{_JUDGED}[67 a card in a text]",
    ),
    Guard(
        "the last four digits of a card, no more",
        "agents.rules.mask",
        "Masker.mask",
        "pan[-4:]",
        "pan",
        f"{_JUDGED}[69 with spaces]",
    ),
    Guard(
        "a payment's key is its device",
        "agents.score",
        "_read",
        "record.key != payment.device_id.encode()",
        "False",
        f"{_PAID}[45 another device's key]",
    ),
    Guard(
        "a push's key is its device",
        "agents.locate",
        "locate",
        "key == record.key",
        "True",
        f"{_PUSHED}[45 another device's key]",
    ),
    Guard(
        "a dead letter has a hash of the payload, not the payload",
        "agents.refuse",
        "dead_letter",
        "masker.token('payload', payload)",
        "payload.decode('latin-1')",
        f"{_PAID}[57 truncated]",
    ),
    Guard(
        "a payment on null island has no place",
        "agents.score",
        "spot_of",
        "payment.latitude == payment.longitude == 0",
        "False",
        f"{_JUDGED}[11 a payment on null island]",
    ),
    Guard(
        "null island is left out",
        "agents.rules.track",
        "add",
        "latitude == 0 and longitude == 0",
        "False",
        f"{_FIXED}[11 null island]",
    ),
    Guard(
        "fixes of the future are left out",
        "agents.rules.track",
        "add",
        "at_ms > latest_ms",
        "False",
        f"{_FIXED}[29 an hour ahead]",
    ),
    Guard(
        "positions in a verdict are coarse",
        "agents.rules.verdict",
        "coarse",
        "round(degrees, COARSE_DECIMALS)",
        "degrees",
        f"{_UNIT}test_agents.py::test_positions_in_a_verdict_are_coarse",
    ),
    Guard(
        "card verification values and the like are refused",
        "schemas.payment",
        "parse_payment",
        "_plain(name) in _SENSITIVE",
        "False",
        f"{_PAID}[70 CVV]",
    ),
    Guard(
        "text that is no finite number is no coordinate",
        "schemas.payment",
        "_to_our_names",
        "not _PLAIN_NUMBER.fullmatch(value)",
        "False",
        f"{_PAID}[7 'nan' as published]",
    ),
    Guard(
        "a device id that holds the payment's card is refused",
        "schemas.payment",
        "parse_payment",
        "payment.card_number.get_secret_value() in _without_punctuation(payment.device_id)",
        "False",
        f"{_PAID}[67 this card in the device]",
    ),
    Guard(
        "a payment does not show itself",
        "schemas.payment",
        "Payment.__repr__",
        "'Payment(not shown)'",
        "BaseModel.__repr__(self)",
        f"{_UNIT}test_payment.py::test_a_payment_never_shows_what_it_holds",
    ),
    Guard(
        "a device id that may be a card is refused",
        "schemas.identifier",
        "check_device_id",
        "_holds_pan(device_id)",
        "False",
        f"{_PUSHED}[67 a card as device]",
    ),
    Guard(
        "a device id is of plain letters",
        "schemas.identifier",
        "check_device_id",
        "not _is_device_id(device_id)",
        "False",
        f"{_PUSHED}[42 Cyrillic look-alike]",
    ),
    Guard(
        "a record has a limit",
        "schemas.strict_json",
        "check_bytes",
        "len(value) > BYTES_MAX",
        "False",
        f"{_PAID}[66 1,000,001 bytes]",
    ),
    Guard(
        "nesting has a limit",
        "schemas.strict_json",
        "check_structure",
        "depth > DEPTH_MAX",
        "False",
        f"{_PAID}[59 17 deep]",
    ),
    Guard(
        "a key stands once",
        "schemas.strict_json",
        "_no_repeats",
        "len(found) != len(pairs)",
        "False",
        f"{_PAID}[58 card twice]",
    ),
    Guard(
        "a payment with more quotes than names and texts is read twice",
        "schemas.strict_json",
        "_is_plain",
        "value.count(b'\"') == 2 * texts",
        "True",
        f"{_PAID}[58 card twice]",
    ),
    Guard(
        "what is spelled unusually is read twice",
        "schemas.push",
        "parse_push",
        "_BACKSLASH not in value",
        "True",
        f"{_PUSHED}[58 latitude twice, once its end escaped]",
    ),
    Guard(
        "a session id is no free text",
        "sensor_logger_bridge.apps.sensor_logger",
        "_parse",
        "check_session_id(message.sessionId)",
        "None",
        f"{_POSTED}[67 a card as session]",
    ),
    Guard(
        "an unknown token is refused",
        "sensor_logger_bridge.server",
        "Bridge._push",
        "owner is None",
        "False",
        f"{_HTTP}[77 another token]",
    ),
    Guard(
        "a token is for its own device",
        "sensor_logger_bridge.apps.sensor_logger",
        "translate",
        "message.deviceId == owner",
        "True",
        f"{_HTTP}[44 another device's id]",
    ),
    Guard(
        "a token is for its own device in a query, too",
        "sensor_logger_bridge.apps.traccar",
        "_from_query",
        "{texts.get('id', message.owner), texts.get('deviceid', message.owner)} != {message.owner}",
        "False",
        f"{_TOLD}[44 two ids]",
    ),
    Guard(
        "a fix of the future is taken from no app",
        "sensor_logger_bridge.apps.backlog",
        "_in_time",
        "(ahead_ms := item.at_ms - message.received_at_ms) > AHEAD_MAX_MS",
        "(ahead_ms := 0)",
        f"{_UNIT}test_phone_apps.py::test_of_a_batch_only_what_is_of_the_future_is_left_out",
    ),
    Guard(
        "a parameter that stands twice is refused",
        "sensor_logger_bridge.apps.parameters",
        "parameters_of",
        "len(found) != len(asked)",
        "False",
        f"{_TOLD}[58 latitude twice, once escaped]",
    ),
    Guard(
        "a pairing page is told nothing without a known token",
        "sensor_logger_bridge.pairing.page",
        "Pairing._admit",
        "owner is None",
        "False",
        f"{_UNIT}test_pairing_page.py::test_an_unknown_token_is_told_in_a_sentence_and_counted",
    ),
    Guard(
        "a pairing page has a rate of its own",
        "sensor_logger_bridge.pairing.page",
        "Pairing._admit",
        "self._rate.allows(owner, time.monotonic())",
        "True",
        f"{_UNIT}test_pairing_page.py::test_pages_that_ask_too_often_are_slowed_down_and_do_not_take_the_phones_place",
    ),
    Guard(
        "tokens are kept and compared as hashes",
        "sensor_logger_bridge.token_file",
        "digest",
        "sha256(token.encode(errors='surrogateescape')).hexdigest()",
        "token",
        f"{_UNIT}test_bridge_parts.py::test_the_file_of_devices_holds_no_token_and_is_readable_by_its_owner_alone",
    ),
    Guard(
        "a body's limit holds before it is read",
        "sensor_logger_bridge.body",
        "read_body",
        "(request.content_length or 0) > app.bytes_max",
        "False",
        f"{_WIRE}[60 10 MB announced, and not waited for]",
    ),
    Guard(
        "a body's limit holds while it is read",
        "sensor_logger_bridge.body",
        "_plain",
        "len(body) > bytes_max",
        "False",
        f"{_WIRE}[60 chunks of more than may be]",
    ),
    Guard(
        "a body's limit holds after it is inflated",
        "sensor_logger_bridge.body",
        "_inflated",
        "len(body) > bytes_max",
        "False",
        f"{_UNIT}test_bad_inputs_http.py::test_61_a_bomb_is_not_unpacked",
    ),
    Guard(
        "a body has its time",
        "sensor_logger_bridge.body",
        "read_body",
        "asyncio.timeout(READ_WITHIN_S)",
        "asyncio.timeout(6 + READ_WITHIN_S)",
        f"{_WIRE}[60 chunks without end]",
    ),
    Guard(
        "long runs of digits are taken out of log lines",
        "app.logs",
        "redact",
        "_DIGITS.sub('[digits]', _CREDENTIALS.sub('://[hidden]@', text))",
        "text",
        f"{_UNIT}test_logs.py::test_a_card_number_that_a_library_logs_is_taken_out",
    ),
    Guard(
        "what is no HTTP is not quoted",
        "sensor_logger_bridge.wire",
        "Handler.handle_error",
        "f'{HTTPStatus(status).phrase}.'",
        "message",
        f"{_WIRE}[67 a header longer than may be]",
    ),
    Guard(
        "strangers have their time, and no more",
        "sensor_logger_bridge.door",
        "Door.tidy",
        "now_s - may_stay_s",
        "-1e9",
        f"{_UNIT}test_door.py::test_a_stranger_has_little_time_whatever_it_does",
    ),
    Guard(
        "one address has its share of the door",
        "sensor_logger_bridge.door",
        "Door.come",
        "self._strangers.count(whence) > max(1, self._connections_max // SHARE_OF_AN_ADDRESS)",
        "False",
        f"{_UNIT}test_door.py::test_a_crowd_of_one_address_drives_itself_out_and_nobody_else",
    ),
    Guard(
        "a token is good for as long as was said",
        "sensor_logger_bridge.devices",
        "Devices.device_of",
        "entry.until_s <= self._clock()",
        "False",
        f"{_UNIT}test_bridge_parts.py::test_a_token_is_good_for_as_long_as_was_said",
    ),
    Guard(
        "drivers do not quote what they carry",
        "app.logs",
        "logging_config",
        "'INFO' if level == 'DEBUG' else level",
        "level",
        f"{_UNIT}test_logs.py::test_drivers_do_not_say_everything_when_others_do",
    ),
)
