"""Generation of `jars.lock`: the jars that the servers need, with their checksums. `make lock` runs it."""

from collections.abc import Mapping
from pathlib import Path

from jgo import resolve

from deploy.local.jars import LOCK_FILE, sha256_of

KAFKA = "4.1.0"
ELASTICSEARCH = "9.2.0"
MONGO_JAVA_SERVER = "1.47.0"

ROOMS = {
    "kafka": f"org.apache.kafka:kafka_2.13:{KAFKA}+org.slf4j:slf4j-simple:1.7.36",
    "elastic/lib": f"org.elasticsearch:elasticsearch:{ELASTICSEARCH}",
    "elastic/transport-netty4": f"org.elasticsearch.plugin:transport-netty4:{ELASTICSEARCH}",
    "mongo": (
        f"de.bwaldvogel:mongo-java-server:{MONGO_JAVA_SERVER}"
        f"+de.bwaldvogel:mongo-java-server-h2-backend:{MONGO_JAVA_SERVER}"
        "+org.slf4j:slf4j-simple:2.0.17"
    ),
}


def main() -> None:
    """Write the lock file of the local servers."""
    write_lock(LOCK_FILE, ROOMS)


def write_lock(file: Path, rooms: Mapping[str, str]) -> None:
    """Resolve the jars of every room and write them to the file. The transport module omits jars that lib/ has."""
    lines = []
    in_lib: set[str] = set()
    for room, endpoint in rooms.items():
        artifacts = {f"{a.groupId}:{a.artifactId}:{a.version}": a for a in resolve(endpoint)}
        if room == "elastic/lib":
            in_lib = set(artifacts)
        for coordinate in sorted(artifacts):
            if room == "elastic/transport-netty4" and coordinate in in_lib:
                continue
            lines.append(f"{room} {coordinate} {sha256_of(artifacts[coordinate].resolve())}")
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
