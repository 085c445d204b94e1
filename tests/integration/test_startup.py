"""Workers that refuse to start: one line with the cause and the remedy, and an exit code."""

import asyncio
import json
import sys
from pathlib import Path

from aiokafka.admin import NewPartitions, NewTopic

from app.kafka.client import kafka_admin
from app.provisioning.topics import create_topics
from app.settings import Settings, as_environment
from app.settings.address import LOOPBACK_HOST
from app.stream.safety.fail_stop import ExitCode
from deploy.local.process import LocalProcess
from tests.support.service import changed, provision, running, worker


async def refusal(settings: Settings, **environment: str) -> tuple[int, str]:
    """Return the exit code of a detector that does not start, and the last line of its log."""
    process = LocalProcess(worker("detector", settings, environment=environment), settings.state_dir)
    process.start()
    code = await asyncio.wait_for(process.wait(), 60)
    last = process.log.read_text(encoding="utf-8").strip().splitlines()[-1]
    return code, json.loads(last)["message"] if last.startswith("{") else last


async def test_missing_topics_are_named_with_the_command_that_creates_them(settings: Settings) -> None:
    code, message = await refusal(settings)
    assert code == ExitCode.CONFIGURATION
    assert settings.topics.locations in message
    assert "`geovelocity init`" in message


async def test_a_missing_output_topic_is_found_at_the_start(settings: Settings) -> None:
    await provision(settings)
    async with kafka_admin(settings) as admin:
        await admin.delete_topics([settings.topics.dead_letters])
    code, message = await refusal(settings)
    assert code == ExitCode.CONFIGURATION
    assert f"topics are missing: {settings.topics.dead_letters}: " in message


async def test_a_wrong_setting_of_a_store_does_not_stop_the_detector(settings: Settings) -> None:
    await provision(settings)
    wrong = changed(settings, elastic_url="localhost")
    async with running(worker("detector", wrong), folder=settings.state_dir):
        process = LocalProcess(worker("elastic", wrong, 1), settings.state_dir)
        process.start()
        assert await asyncio.wait_for(process.wait(), 60) == ExitCode.CONFIGURATION
    assert "GEOVELOCITY_ELASTIC_URL cannot be used" in process.log.read_text(encoding="utf-8").splitlines()[-1]


async def test_unequal_partition_counts_stop_the_worker(settings: Settings) -> None:
    await create_topics(settings)
    async with kafka_admin(settings) as admin:
        await admin.create_partitions({settings.topics.locations: NewPartitions(settings.partitions + 1)})
    code, message = await refusal(settings)
    assert code == ExitCode.CONFIGURATION
    assert "would not meet" in message
    assert f"{settings.topics.locations} {settings.partitions + 1}" in message


async def test_a_partition_count_unlike_the_setting_stops_the_worker(settings: Settings) -> None:
    await create_topics(settings)
    code, message = await refusal(settings, GEOVELOCITY_PARTITIONS=str(settings.partitions + 1))
    assert code == ExitCode.CONFIGURATION
    assert message.endswith(f"set GEOVELOCITY_PARTITIONS={settings.partitions}")


async def test_a_changelog_that_accepts_no_whole_batch_stops_the_worker(settings: Settings) -> None:
    changelog = f"{settings.namespace}-detector-devices-changelog"
    async with kafka_admin(settings) as admin:
        await admin.create_topics([NewTopic(changelog, settings.partitions, 1)])
    await create_topics(settings)
    code, message = await refusal(settings)
    assert code == ExitCode.CONFIGURATION
    assert "max.message.bytes" in message


async def test_faust_without_its_c_extension_stops_the_worker(settings: Settings) -> None:
    await provision(settings)
    code, message = await refusal(settings, NO_CYTHON="1")
    assert code == ExitCode.CONFIGURATION
    assert "C extension" in message


async def test_an_unavailable_broker_ends_the_worker_with_the_code_for_a_restart(settings: Settings) -> None:
    code, message = await refusal(settings, GEOVELOCITY_KAFKA_BOOTSTRAP=f"{LOOPBACK_HOST}:1")
    assert code == ExitCode.RESTART
    assert message.startswith(f"fail-stop: Kafka at {LOOPBACK_HOST}:1 does not answer")


async def test_a_wrong_setting_is_reported_in_one_line(settings: Settings) -> None:
    code, message = await refusal(settings, GEOVELOCITY_PRESET="guess")
    assert code == ExitCode.CONFIGURATION
    assert message == "geovelocity: bad setting: preset must be one of default, paper"


async def test_a_used_bridge_port_is_reported_in_one_line(settings: Settings, tmp_path: Path) -> None:
    server = await asyncio.start_server(lambda *_: None, LOOPBACK_HOST, 0)
    port = server.sockets[0].getsockname()[1]
    environment = as_environment(settings) | {"GEOVELOCITY_BRIDGE_PORT": str(port)}
    bridge = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app.cli", "bridge"),
        env=environment,
        cwd=tmp_path,
        stderr=asyncio.subprocess.PIPE,
    )
    _, message = await asyncio.wait_for(bridge.communicate(), 60)
    server.close()
    assert bridge.returncode == 1
    assert f"cannot listen on {LOOPBACK_HOST}:{port}" in message.decode().splitlines()[-1]
