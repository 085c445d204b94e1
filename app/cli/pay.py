"""`geovelocity pay`: one payment that nobody made, and what is said of it."""

import asyncio
import secrets
import time
from typing import Any, Final

import click
import msgspec
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from app.errors import UnavailableError
from app.kafka.client import client_options
from app.kafka.topic_reader import reader, tail
from app.settings import Settings, read_settings
from app.simulate.card import card_of
from app.simulate.permission import forbid_in_production
from app.simulate.place import Place
from app.stream.lifecycle.preflight import check_topics
from schemas.codes.reject import REJECT_HELP, Reject
from schemas.payment import parse_payment
from schemas.verdict import Verdict, parse_verdict

WITHIN_S: Final = 20.0
AMOUNT: Final = "950.00"


@click.command("pay")
@click.option("--device", "device_id", required=True, metavar="NAME", help="The phone, by the name it is paired under.")
@click.option("--latitude", type=float, required=True, help="Where the card is used, degrees.")
@click.option("--longitude", type=float, required=True, help="The same, east of Greenwich.")
@click.option("--amount", default=AMOUNT, show_default=True, help="In dollars.")
@click.option("--within", "within_s", type=click.FloatRange(0), default=WITHIN_S, help="So many seconds are waited.")
def command(device_id: str, latitude: float, longitude: float, amount: str, within_s: float) -> None:
    """Write one made-up payment of now onto `transactions`, as a card system does, and print its first verdict.

    Card, holder and shop are made up, the same for a device each time. The exit code is 1 when no verdict comes, and
    in production, where nothing is written.
    """
    at_ms = time.time_ns() // 1_000_000
    made_up = card_of(device_id).pay(f"pay-{secrets.token_hex(4)}", at_ms, Place(latitude, longitude), stolen=False)
    record = {**made_up, "amount": amount}
    if isinstance(reject := parse_payment(msgspec.json.encode(record)), Reject):
        raise click.UsageError(f"{', '.join(reject.fields)}: {REJECT_HELP[reject.code]}")
    settings = read_settings()
    forbid_in_production(settings, "geovelocity pay")
    try:
        verdict = asyncio.run(_judged(settings, record, within_s))
    except KafkaError as error:
        raise UnavailableError(f"Kafka at {settings.kafka} stopped answering ({type(error).__name__})") from None
    click.echo(f"{verdict.verdict}, {verdict.status}, risk {verdict.risk}: {verdict.reason}")
    click.echo(f"{settings.console}/case/{verdict.id}")


async def _judged(settings: Settings, record: dict[str, Any], within_s: float) -> Verdict:
    """Writes the payment and waits for what the detector says of it first."""
    topics = settings.topics
    await check_topics(settings, [topics.transactions, topics.verdicts], [], 0)
    async with reader(settings, topics.verdicts) as consumer:
        await consumer.seek_to_end(*consumer.assignment())
        for partition in consumer.assignment():
            await consumer.position(partition)  # only now is the end looked up
        async with AIOKafkaProducer(**client_options(settings), acks="all") as producer:
            key = record["device_id"].encode()
            await producer.send_and_wait(topics.transactions, msgspec.json.encode(record), key=key)
        try:
            async with asyncio.timeout(within_s):
                async for _, said in tail(consumer):
                    verdict = parse_verdict(said.value)
                    if isinstance(verdict, Verdict) and verdict.transaction_id == record["transaction_id"]:
                        return verdict
        except TimeoutError:
            pass
    raise UnavailableError(f"it is paid, but no verdict came within {within_s:g} s: `geovelocity doctor` says why")
