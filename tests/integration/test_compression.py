"""Compressed records on the real broker: the detector reads every codec that Kafka supports."""

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka import codec as codecs

from app.kafka.client import client_options
from app.kafka.topic_reader import read_all
from app.provisioning.topics import changelog_of
from app.settings import Settings
from tests.support.make import as_bytes, fix, payment, push
from tests.support.phone import east_of_home
from tests.support.service import latest, provision, running, until, verdicts_of, worker

CODECS = ("gzip", "snappy", "lz4", "zstd")


async def _send(settings: Settings, codec: str, topic: str, key: str, record: dict[str, object]) -> None:
    producer = AIOKafkaProducer(**client_options(settings), acks="all", compression_type=codec)
    await producer.start()
    try:
        await producer.send_and_wait(topic, as_bytes(record), key=key.encode())
    finally:
        await producer.stop()


@pytest.mark.parametrize("codec", CODECS)
def test_every_codec_of_kafka_can_be_decoded(codec: str) -> None:
    """The client only warns at the first compressed batch when the library of a codec is missing."""
    assert getattr(codecs, f"has_{codec}")()


async def test_the_detector_judges_records_compressed_with_every_codec(settings: Settings) -> None:
    await provision(settings)
    latitude, longitude = east_of_home(30_000)

    async def phones_are_known() -> bool:
        rows = latest(await read_all(settings, changelog_of(settings)))
        return {f"phone-{codec}".encode() for codec in CODECS} <= rows.keys()

    async def all_are_suspects() -> bool:
        last = {one["transaction_id"]: one["verdict"] for one in await verdicts_of(settings)}
        return last == {f"tx-{number}": "suspect" for number in range(len(CODECS))}

    async with running(worker("detector", settings), folder=settings.state_dir):
        for codec in CODECS:
            seen = push(fix(-2), fix(-1), device_id=f"phone-{codec}")
            await _send(settings, codec, settings.topics.locations, f"phone-{codec}", seen)
        await until(phones_are_known)
        for number, codec in enumerate(CODECS):
            far = payment(number, device_id=f"phone-{codec}", latitude=latitude, longitude=longitude)
            await _send(settings, codec, settings.topics.transactions, f"phone-{codec}", far)
        await until(all_are_suspects)
