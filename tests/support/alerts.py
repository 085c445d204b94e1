"""The alerting rules, and which series they ask for."""

import re
from pathlib import Path
from typing import Any, Final

import yaml

PROMETHEUS: Final = Path(__file__).parent.parent.parent / "deploy" / "prometheus"
SELECTOR: Final = re.compile(r"(geovelocity_[a-z_]+|up)(?:\{(.*?)\})?")
"""The name of a series, and the labels it is asked for by."""


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((PROMETHEUS / "alerts.yaml").read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]
