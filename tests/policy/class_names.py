"""No public class name twice: `python -m tests.policy.class_names` lists names that production code defines twice."""

import ast
import sys
from collections import defaultdict
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent.parent
PACKAGES: Final = ("app", "agents", "schemas", "sensor_logger_bridge", "deploy")


def classes() -> dict[str, list[str]]:
    """Return the places, `path:line`, of every public class at module level, by name."""
    places: defaultdict[str, list[str]] = defaultdict(list)
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "node_modules" in path.parts:
                continue
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    places[node.name].append(f"{path.relative_to(ROOT)}:{node.lineno}")
    return dict(places)


def main() -> int:
    """Print each name that is defined twice and return the exit code."""
    twice = {name: places for name, places in classes().items() if len(places) > 1}
    for name, places in sorted(twice.items()):
        print(f"class {name} is defined {len(places)} times: {', '.join(places)}")
    return 1 if twice else 0


if __name__ == "__main__":
    sys.exit(main())
