"""A detector that comes back to more payments than one batch can hold, on a real broker."""

from app.settings import Settings
from tests.support.make import as_bytes, payment
from tests.support.service import changed, producer, provision, running, until, verdicts_of, worker

PAYMENTS = 6_000
"""Of one partition, in one fetch. What 5,000 of them bring along is more than one record batch takes."""


async def test_more_payments_than_a_batch_can_hold_are_answered_in_several(settings: Settings) -> None:
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
        assert detector.running, "it did not end and start again"
    assert len(await verdicts_of(settings)) == PAYMENTS
