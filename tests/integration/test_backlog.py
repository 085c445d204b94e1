"""A detector that finds more payments than one batch can hold, on a real broker."""

from app.settings import Settings
from tests.support.make import as_bytes, payment
from tests.support.service import changed, producer, provision, running, until, verdicts_of, worker

PAYMENTS = 6_000
"""Payments of one partition, in one fetch. The outputs of 5,000 of them exceed one record batch."""


async def test_payments_beyond_one_batch_are_answered_in_several_batches(settings: Settings) -> None:
    settings = changed(settings, partitions=1)
    await provision(settings)
    async with producer(settings) as opened:
        for number in range(PAYMENTS):
            device = f"phone-{number % 3000}"
            record = payment(number, device_id=device, user_id=f"user-of-{device}", merchant="M" * 120)
            await opened.send(settings.topics.transactions, as_bytes(record), key=device.encode())

    async def all_answered() -> bool:
        return len({one["transaction_id"] for one in await verdicts_of(settings)}) == PAYMENTS

    async with running(worker("detector", settings), folder=settings.state_dir) as (detector,):
        await until(all_answered, poll_s=1.0)
        assert detector.running, "the process ended"
    assert len(await verdicts_of(settings)) == PAYMENTS
