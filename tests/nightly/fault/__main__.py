"""`make faults`, `make faults-long`: inject faults under load, then check that nothing was lost, doubled or leaked."""

import asyncio
import contextlib
import logging
import random
import secrets
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

import click

from app.cli.output import console
from deploy.local.process import LocalProcess
from deploy.local.stack import Say
from tests.nightly.fault.check import check
from tests.nightly.fault.faults.kinds import RARE
from tests.nightly.fault.harness import Harness, settings_without_proxies, start_harness
from tests.nightly.fault.latency import Latency, Seen, over
from tests.nightly.fault.report import Run, markdown
from tests.nightly.fault.scheduler import Campaign, Plan

CALM_S = 60.0
WARM_UP_S = 45.0
SETTLED_WITHIN_S = 400.0


@click.command()
@click.option("--seed", type=int, default=None, help="Seed of load and faults; default: a new one, which is printed.")
@click.option("--minutes", type=float, default=8.0, show_default=True, help="Minimum length of the campaign.")
@click.option("--kills", default=0, show_default=True, help="Continue until this many kill -9 have landed.")
@click.option("--faults", default=0, show_default=True, help="Continue until this many faults have landed.")
@click.option("--records", default=0, show_default=True, help="Continue until this many records are sent.")
@click.option("--brokers", type=click.Choice(["1", "3"]), default="1", show_default=True, help="Three: replicated.")
@click.option("--rare", multiple=True, type=click.Choice(list(RARE)), default=["store-60s", "broker-70s", "keys"])
@click.option("--report", type=click.Path(path_type=Path), default=None, help="Also write the report to this file.")
@click.option("--keep", is_flag=True, help="Keep the folder of the run, with all logs.")
def main(  # noqa: PLR0917 - a command's options
    seed: int | None,
    minutes: float,
    kills: int,
    faults: int,
    records: int,
    brokers: str,
    rare: tuple[str, ...],
    report: Path | None,
    *,
    keep: bool,
) -> None:
    """Run a campaign; exit 1 when an invariant does not hold or a goal is missed."""
    seed = secrets.randbelow(2**31) if seed is None else seed
    logging.disable(logging.CRITICAL)  # clients log much while their broker is killed
    screen = console()
    screen.print(f"seed {seed}")
    folder = Path(tempfile.mkdtemp(prefix="geovelocity-faults-"))
    with contextlib.ExitStack() as stack:
        if keep:
            screen.print(f"the folder of the run is {folder}")
        else:
            stack.callback(_remove, folder)
        run = asyncio.run(_run(folder, seed, Plan(minutes, kills, faults, records, int(brokers), rare), screen.print))
    text = markdown(run)
    click.echo(text)
    if report is not None:
        report.write_text(text, encoding="utf-8")
    sys.exit(0 if run.well else 1)


async def _run(folder: Path, seed: int, plan: Plan, say: Say) -> Run:
    began_s = time.monotonic()
    async with start_harness(folder, seed, plan.brokers, say) as here:
        latency = Latency(here.settings, here.traffic.paid_at_s)
        traffic = asyncio.create_task(here.traffic.run())
        watchers = [asyncio.create_task(latency.watch()), asyncio.create_task(here.watch_memory())]
        await asyncio.sleep(WARM_UP_S)
        calm, store_dead = await _isolation(here, latency, say)
        campaign = Campaign(here, random.Random(seed), say)
        await campaign.run(plan)
        say("the last fault is over: waiting until every record is processed")
        here.traffic.stop()
        await traffic
        for task in watchers:
            task.cancel()
        await here.settled(SETTLED_WITHIN_S)  # the checker reports the result
        await here.traffic.close_all()
        await here.settled(SETTLED_WITHIN_S)  # the checker reports the result
        drained = {name: await _stopped(process) for name, process in here.workers.items()}
        say("reading the result and checking every invariant")
        laws, counts = await check(here, settings_without_proxies(here.settings, here.stack), folder)
    return Run(seed, time.monotonic() - began_s, _command(), campaign, laws, counts, calm, store_dead, drained)


async def _isolation(here: Harness, latency: Latency, say: Say) -> tuple[Seen, Seen]:
    """I9: measure the latency of payments in calm times and while a store is dead."""
    calm = await over(latency, time.time(), CALM_S)
    store = here.stack.processes["elasticsearch"]
    store.signal(signal.SIGSTOP)
    dead = await over(latency, time.time(), CALM_S)
    store.signal(signal.SIGCONT)
    say(f"calm: {calm}; with Elasticsearch dead: {dead}")
    return calm, dead


async def _stopped(process: LocalProcess) -> tuple[int, float]:
    began_s = time.monotonic()
    await process.stop()
    return await process.wait(), time.monotonic() - began_s


def _command() -> str:
    return "python -m tests.nightly.fault " + " ".join(sys.argv[1:])


def _remove(folder: Path) -> None:

    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
