"""Gaps between offsets: those without loss, those that are logged, and those that stop the worker."""

import asyncio
import json

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import RecordsToDelete

from app.kafka.client import client_options, kafka_admin
from app.kafka.topic_reader import read_all
from app.provisioning.topics import create_topics
from app.settings import Settings
from app.stream.safety.fail_stop import ExitCode
from deploy.local.process import LocalProcess
from tests.support.make import as_bytes, payment
from tests.support.scrape import scrape, series, total
from tests.support.service import changed, provision, running, send, until, verdicts_of, worker


async def answered(settings: Settings) -> list[str]:
    return sorted(one["transaction_id"] for one in await verdicts_of(settings))


async def pay(settings: Settings, *numbers: int) -> None:
    await send(settings, settings.topics.transactions, *[("phone-1", as_bytes(payment(number))) for number in numbers])


async def test_payments_of_committed_transactions_alone_are_judged(settings: Settings) -> None:
    await provision(settings)
    topic, aborted = settings.topics.transactions, (2, 5)
    card_system = AIOKafkaProducer(**client_options(settings), transactional_id="card-system")
    await card_system.start()
    try:
        async with running(worker("detector", settings), folder=settings.state_dir) as (detector,):
            for number in range(6):
                await card_system.begin_transaction()
                await card_system.send_and_wait(topic, as_bytes(payment(number)), key=b"phone-1")
                await (card_system.abort_transaction() if number in aborted else card_system.commit_transaction())
                await asyncio.sleep(0.5)  # so that each arrives in a fetch of its own
            await until(lambda: _answers(settings, 4))
            assert detector.running
            assert "deleted before they were read" not in detector.log.read_text(encoding="utf-8")
            # The marker that ends the last transaction is no record, so it is no lag.
            await until(lambda: _no_lag(settings, topic), within_s=10)
    finally:
        await card_system.stop()
    assert await answered(settings) == ["tx-0", "tx-1", "tx-3", "tx-4"]


async def test_records_that_retention_deleted_unread_are_logged_and_the_rest_judged(
    settings: Settings,
) -> None:
    settings = changed(settings, partitions=1)
    await provision(settings)
    detector = worker("detector", settings)
    async with running(detector, folder=settings.state_dir):
        await pay(settings, 1)
        await until(lambda: _answers(settings, 1))
    await pay(settings, 2, 3, 4)
    async with kafka_admin(settings) as admin:
        await admin.delete_records({TopicPartition(settings.topics.transactions, 0): RecordsToDelete(before_offset=3)})
    async with running(detector, folder=settings.state_dir) as (process,):
        await until(lambda: _answers(settings, 2))
        assert f"records 1 to 2 of {settings.topics.transactions} 0 were deleted" in process.log.read_text("utf-8")
    assert await answered(settings) == ["tx-1", "tx-4"]


async def test_a_recreated_topic_stops_the_worker_at_its_start(settings: Settings) -> None:
    settings = changed(settings, partitions=1)
    await provision(settings)
    detector, topic = worker("detector", settings), settings.topics.transactions
    async with running(detector, folder=settings.state_dir):
        await pay(settings, 1, 2, 3)
        await until(lambda: _answers(settings, 3))
    async with kafka_admin(settings) as admin:
        await admin.delete_topics([topic])
    await until(lambda: _recreated(settings, topic))
    await pay(settings, 4)
    process = LocalProcess(detector, settings.state_dir)
    process.start()
    assert await asyncio.wait_for(process.wait(), 60) == ExitCode.CONFIGURATION
    last = json.loads(process.log.read_text(encoding="utf-8").splitlines()[-1])
    assert f"{topic} 0 ends at 1 but 3 records of it are processed" in last["message"]


async def test_a_topic_recreated_under_a_running_worker_stops_it(settings: Settings) -> None:
    settings = changed(settings, partitions=1)
    await provision(settings)
    async with running(worker("detector", settings), folder=settings.state_dir) as (detector,):
        await pay(settings, 1, 2, 3)
        await until(lambda: _answers(settings, 3))
        async with kafka_admin(settings) as admin:
            await admin.delete_topics([settings.topics.transactions])
        await until(lambda: _recreated(settings, settings.topics.transactions))
        await pay(settings, 4)
        assert await asyncio.wait_for(detector.wait(), 60) == ExitCode.CONFIGURATION
        assert "ends at 1 but 3 records of it are processed" in detector.log.read_text(encoding="utf-8")


async def _answers(settings: Settings, wanted: int) -> bool:
    return len(await read_all(settings, settings.topics.verdicts)) >= wanted


async def _no_lag(settings: Settings, topic: str) -> bool:
    return total(series(await scrape(settings, 0)), "geovelocity_lag_records", topic=topic) == 0


async def _recreated(settings: Settings, topic: str) -> bool:
    """Create the topics. False: the broker has not deleted the old topic yet."""
    return topic in await create_topics(settings)
