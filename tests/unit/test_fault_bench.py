"""The fault bench itself: what it sends, breaks and says."""

import asyncio
import contextlib
import random

from deploy.local.ports import HOST
from schemas.json.identifier import passes_luhn
from schemas.payment import Payment, parse_payment
from schemas.push import Push, parse_push
from tests.nightly.fault.exclusive_lock import FaultLock
from tests.nightly.fault.invariants import Invariant
from tests.nightly.fault.leaks import LeakSearch
from tests.nightly.fault.poison import bad_payment, bad_push
from tests.nightly.fault.proxy import Proxy, ProxyMode
from tests.nightly.fault.traffic import CARDS, card_number, home_of


def test_poison_is_never_a_record_that_can_be_used() -> None:
    chance = random.Random(1)
    for number in range(600):
        for key, value in (
            bad_payment("phone-1", number, card_number(1), chance),
            bad_push("phone-1", number, chance),
        ):
            read = parse_payment(value), parse_push(value)
            assert not any(isinstance(one, Payment | Push) and key == one.device_id for one in read)


def test_the_cards_are_many_and_pass_their_check_digit() -> None:
    numbers = {card_number(number) for number in range(CARDS)}
    assert len(numbers) == CARDS
    assert all(len(number) == 16 and passes_luhn(number) for number in numbers)


def test_the_hunt_finds_what_is_planted_in_any_spelling_and_nothing_else() -> None:
    number = card_number(7)
    grouped = "-".join(number[at : at + 4] for at in range(0, 16, 4))
    hunt = LeakSearch()
    hunt.look("clean", b'{"card_last4": "1234", "latitude": 40.1}')
    for where, text in (("plain", number), ("grouped", grouped), ("hex", number.encode().hex())):
        hunt.look(where, f"so {text} it is".encode())
    latitude, longitude = home_of("phone-00042")
    hunt.look("place", f"{latitude}".encode())
    hunt.look("other place", f"{longitude}".encode())
    hunt.look("allowed there", f"{latitude}".encode(), places=False)
    hunt.look("verification value", b'{"cvv": "913"}')
    assert hunt.found == {
        "cards": ["plain", "grouped", "hex"],
        "places": ["place", "other place"],
        "sensitive": ["verification value"],
    }


def test_the_hunt_says_which_of_many_records_it_was() -> None:
    hunt = LeakSearch()
    hunt.look_at_all({f"record {number}": b'{"amount": "481.84"}' for number in range(10)})
    hunt.look_at_all({"clean": b"{}", "bad": f'{{"merchant": "{card_number(3)}"}}'.encode(), "clean too": b"{}"})
    assert (hunt.looked, hunt.found["cards"]) == (13, ["bad"])


async def test_who_wants_to_be_alone_waits_for_the_others_and_keeps_new_ones_out() -> None:
    ground, order = FaultLock(), list[str]()

    async def take(name: str, *, alone: bool) -> None:
        async with ground.taken(alone=alone):
            order.append(f"{name} in with {ground.active}")
            await asyncio.sleep(0.02)
        order.append(f"{name} out")

    tasks = [asyncio.create_task(take("a", alone=False)), asyncio.create_task(take("b", alone=False))]
    await asyncio.sleep(0)
    tasks += [asyncio.create_task(take("c", alone=True)), asyncio.create_task(take("d", alone=False))]
    await asyncio.gather(*tasks)
    assert order == ["a in with 1", "b in with 2", "a out", "b out", "c in with 1", "c out", "d in with 1", "d out"]


async def _asked(port: int, question: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        writer.write(question)
        await writer.drain()
        return await asyncio.wait_for(reader.read(100), 0.5)
    except TimeoutError:
        return b"(nothing)"
    except ConnectionResetError:
        return b""
    finally:
        writer.close()
        with contextlib.suppress(ConnectionResetError):
            await writer.wait_closed()


async def test_a_proxy_breaks_the_way_it_is_told_to() -> None:
    heard: list[bytes] = []

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(100):
            heard.append(chunk)
            writer.write(chunk)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(echo, HOST, 0)
    answers: dict[ProxyMode, tuple[bytes, bool]] = {}
    async with server, Proxy(server.sockets[0].getsockname()[1]) as proxy:
        for way in (ProxyMode.THROUGH, ProxyMode.REPLIES_LOST, ProxyMode.HOLE, ProxyMode.REFUSED, ProxyMode.BUSY_429):
            proxy.way = way
            heard.clear()
            answer = await _asked(proxy.port, b"hello")
            answers[way] = (answer[:12], bool(heard))
            proxy.way = ProxyMode.THROUGH
            await asyncio.sleep(0.15)  # whoever still waits in a hole goes on, and ends
    assert answers == {
        ProxyMode.THROUGH: (b"hello", True),
        ProxyMode.REPLIES_LOST: (b"", True),
        ProxyMode.HOLE: (b"(nothing)", False),
        ProxyMode.REFUSED: (b"", False),
        ProxyMode.BUSY_429: (b"HTTP/1.1 429", False),
    }
    assert proxy.broken >= 4


def test_a_law_holds_when_nothing_speaks_against_it() -> None:
    assert Invariant("I1", "no loss", 5, []).holds
    assert not Invariant("I1", "no loss", 5, ["tx-1"]).holds
