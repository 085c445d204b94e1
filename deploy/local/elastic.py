"""Elasticsearch as a local process.

Maven Central has the server's jars, but not the distribution. This module builds a home folder from the jars, and a
Python process that embeds the JVM starts the node. Compared to the distribution it lacks `GET /`, data streams, index
lifecycle, ingest pipelines, painless, SQL and Kibana.
"""

import shutil
import sys
import urllib.request
import zipfile
from asyncio import to_thread
from pathlib import Path

from deploy.local.jars import folder
from deploy.local.ports import HOST, ServerPorts
from deploy.local.process import Command, port_answers

DESCRIPTOR = "META-INF/es-plugins/transport-netty4/plugin-descriptor.properties"
LOGGING = """\
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{ISO8601} %-5p %c{1.} %m%n
rootLogger.level = info
rootLogger.appenderRef.console.ref = console
"""


def _lay_out(home: Path) -> None:
    """Create the folders that a node expects from the jars. Existing folders stay."""
    module = home / "modules" / "transport-netty4"
    if module.exists():
        return
    for part in ("config", "data", "plugins", "logs"):
        (home / part).mkdir(parents=True, exist_ok=True)
    (home / "config" / "log4j2.properties").write_text(LOGGING, encoding="utf-8")
    (home / "lib").symlink_to(folder("elastic/lib"))
    unfinished = home / "transport-netty4.part"
    shutil.copytree(folder("elastic/transport-netty4"), unfinished, copy_function=_link)
    jar = next(unfinished.glob("transport-netty4-*.jar"))
    with zipfile.ZipFile(jar) as archive:
        descriptor = archive.read(DESCRIPTOR).decode()
    # Without its module name the plugin is loaded from the class path, where the server is as well.
    lines = [line for line in descriptor.splitlines() if not line.startswith("modulename=")]
    (unfinished / "plugin-descriptor.properties").write_text("\n".join(lines), encoding="utf-8")
    module.parent.mkdir()
    unfinished.rename(module)


def _link(source: str, target: str) -> None:
    Path(target).symlink_to(source)


async def command(run_dir: Path, ports: ServerPorts) -> Command:
    """Create the home folder if it is new and return the command that starts the node."""
    home = run_dir / "elasticsearch"
    await to_thread(_lay_out, home)

    async def healthy() -> bool:
        await port_answers(HOST, ports.elastic)
        return await to_thread(_is_green, ports.elastic)

    return Command(
        "elasticsearch",
        [
            sys.executable,
            "-m",
            "deploy.local.elastic_node",
            str(home),
            str(ports.elastic),
            str(ports.elastic_transport),
        ],
        ready=healthy,
        ports=(ports.elastic, ports.elastic_transport),
    )


def _is_green(port: int) -> bool:
    with urllib.request.urlopen(f"http://{HOST}:{port}/_cluster/health?wait_for_status=yellow&timeout=1s") as answer:
        return bool(answer.status == 200)
