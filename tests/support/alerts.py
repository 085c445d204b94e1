"""The alerting rules of Prometheus, and the series that they select."""

import re
from pathlib import Path
from typing import Any, Final

import yaml

PROMETHEUS: Final = Path(__file__).parent.parent.parent / "deploy" / "prometheus"
SELECTOR: Final = re.compile(r"(geovelocity_[a-z_]+|up)(?:\{(.*?)\})?")
"""The name and the label matchers of a selected series."""


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((PROMETHEUS / "alerts.yaml").read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]
