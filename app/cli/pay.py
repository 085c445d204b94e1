"""`geovelocity pay`: one made-up payment and its verdict."""

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
from app.kafka.topics import check_topics
from app.settings import Settings, read_settings
from app.simulate.card import card_of
from app.simulate.permission import forbid_in_production
from app.simulate.place import Place
from schemas.codes.reject import REJECT_HELP, Reject
from schemas.payment import parse_payment
from schemas.verdict import Verdict, parse_verdict

WITHIN_S: Final = 20.0
AMOUNT: Final = "950.00"


@click.command("pay")
@click.option("--device", "device_id", required=True, metavar="NAME", help="Device id under which the phone is paired.")
@click.option("--latitude", type=float, required=True, help="Latitude of the terminal, degrees.")
@click.option("--longitude", type=float, required=True, help="Longitude of the terminal, degrees.")
@click.option("--amount", default=AMOUNT, show_default=True, help="In dollars.")
@click.option("--within", "within_s", type=click.FloatRange(0), default=WITHIN_S, help="Seconds to wait.")
def command(device_id: str, latitude: float, longitude: float, amount: str, within_s: float) -> None:
    """Write one made-up payment to `transactions`, as a card system does, and print its first verdict.

    Card, holder and shop are made up, always the same for a device. The exit code is 1 when no verdict arrives, and
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
    """Write the payment and return its first verdict."""
    topics = settings.topics
    await check_topics(settings, [topics.transactions, topics.verdicts])
    async with reader(settings, topics.verdicts) as consumer:
        await consumer.seek_to_end(*consumer.assignment())
        for partition in consumer.assignment():
            await consumer.position(partition)  # the client looks up the end offset here
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
    raise UnavailableError(f"the payment was sent, but no verdict came within {within_s:g} s: run `geovelocity doctor`")
