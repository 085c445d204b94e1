"""Local processes start, become ready and stop reliably."""

import asyncio
import signal
import socket
import sys
import textwrap
import time
from pathlib import Path

import pytest

from app.local.ports import reserved_ports
from deploy.local import jars, kafka
from deploy.local.errors import LocalStackError
from deploy.local.ports import HOST
from deploy.local.process import Command, LocalProcess
from deploy.local.stack import Stack


async def _yes() -> bool:
    return True


async def _no() -> bool:
    return False


def python(name: str, script: str, **fields: object) -> Command:
    command = Command(name, [sys.executable, "-c", textwrap.dedent(script)], _yes)
    return Command(**{field: getattr(command, field) for field in command.__slots__} | fields)


def runs(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except (FileNotFoundError, ProcessLookupError):
        return False


async def until_ended(pid: int, within_s: float = 10.0) -> None:
    async with asyncio.timeout(within_s):
        while runs(pid):
            await asyncio.sleep(0.05)


PARENT = """
import asyncio, os, signal, sys
from pathlib import Path
from deploy.local.process import Command, LocalProcess

async def main():
    async def ready():
        return Path("grandchild").exists()
    script = "import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(1000)']); "
    script += "open('grandchild', 'w').write(str(p.pid)); p.wait()"
    process = LocalProcess(Command("child", [sys.executable, "-c", script], ready), Path("."))
    process.start()
    await process.wait_ready()
    Path("child").write_text(str(process.pid))
    os.kill(os.getpid(), signal.{signal})
    await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.mark.parametrize("how", ["SIGKILL", "SIGINT", "SIGTERM"])
async def test_a_process_ends_with_the_process_that_started_it(tmp_path: Path, how: str) -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT.replace("{signal}", how), cwd=tmp_path, stderr=asyncio.subprocess.DEVNULL
    )
    await parent.wait()
    await until_ended(int((tmp_path / "child").read_text()))
    await until_ended(int((tmp_path / "grandchild").read_text()))


async def test_a_process_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    stubborn = """
        import signal, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print("ready", flush=True)
        time.sleep(1000)
    """
    process = LocalProcess(python("stubborn", stubborn, stop_within_s=0.5), tmp_path)
    process.start()
    async with asyncio.timeout(10):
        while not process.log.exists() or "ready" not in process.log.read_text():
            await asyncio.sleep(0.05)
    began = time.monotonic()
    await process.stop()
    assert await process.wait() == 128 + signal.SIGKILL
    assert time.monotonic() - began < 5


async def test_a_failed_process_with_restart_is_started_again(tmp_path: Path) -> None:
    script = f"open({str(tmp_path / 'starts')!r}, 'a').write('x'); raise SystemExit(70)"
    process = LocalProcess(python("failing", script, restart=True), tmp_path)
    process.start()
    async with asyncio.timeout(10):
        while not (tmp_path / "starts").exists() or len((tmp_path / "starts").read_text()) < 2:
            await asyncio.sleep(0.05)
    await process.stop()


async def test_a_failed_process_without_restart_stays_ended(tmp_path: Path) -> None:
    process = LocalProcess(python("failing", "raise SystemExit(70)"), tmp_path)
    process.start()
    assert await process.wait() == 70


async def test_the_error_about_a_failed_start_quotes_the_end_of_the_log(tmp_path: Path) -> None:
    process = LocalProcess(python("doomed", "print('no disk'); raise SystemExit(1)", ready=_no), tmp_path)
    process.start()
    with pytest.raises(LocalStackError, match=r"(?s)doomed ended while starting.*no disk"):
        await process.wait_ready()
    await process.stop()


async def test_a_process_that_never_becomes_ready_is_an_error(tmp_path: Path) -> None:
    process = LocalProcess(python("mute", "import time; time.sleep(60)", ready=_no, ready_within_s=0.3), tmp_path)
    process.start()
    with pytest.raises(LocalStackError, match="mute was not ready within 0 s"):
        await process.wait_ready()
    await process.stop()


async def test_a_port_in_use_is_reported_with_its_number(tmp_path: Path) -> None:
    with reserved_ports() as ports, socket.socket() as other:
        other.bind((HOST, ports.mongo))
        other.listen()
        async with Stack(tmp_path, ports) as stack:
            with pytest.raises(LocalStackError, match=f"port {ports.mongo}, which mongo needs, is in use"):
                await stack.start([python("mongo", "", ports=(ports.mongo,))])


def test_two_stacks_never_get_the_same_ports() -> None:
    with reserved_ports() as one, reserved_ports() as two:
        assert {one.kafka, one.bridge_metrics}.isdisjoint({two.kafka, two.bridge_metrics})


def test_a_jar_with_a_wrong_checksum_is_rejected_and_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def tampered(_jar: jars.Jar, scratch: Path) -> Path:
        (scratch / "x.jar").write_bytes(b"not the jar")
        return scratch / "x.jar"

    monkeypatch.setenv("GEOVELOCITY_CACHE", str(tmp_path))
    monkeypatch.setattr(jars, "_download", tampered)
    with pytest.raises(LocalStackError, match="but the lock says"):
        jars.fetch()
    assert list(tmp_path.rglob("*.jar")) == []


def test_existing_jars_are_not_downloaded_again(monkeypatch: pytest.MonkeyPatch) -> None:
    jars.fetch()
    monkeypatch.setattr(jars, "_download", None)
    progress: list[tuple[int, int]] = []
    jars.fetch(lambda done, wanted: progress.append((done, wanted)))
    assert len(progress) == 1
    assert jars.folder("kafka").is_relative_to(jars.cache_dir())


def test_a_cluster_id_never_looks_like_an_option() -> None:
    ids = {kafka.cluster_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert {(one[0], len(one)) for one in ids} == {("A", 22)}
