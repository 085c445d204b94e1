"""`python -m deploy.kibana`: write the file of saved objects that `geovelocity init --kibana` imports."""

from pathlib import Path
from typing import Final

from deploy.kibana.objects import saved_objects
from deploy.kibana.saved_object import ndjson

FILE: Final = Path(__file__).parents[2] / "app" / "sinks" / "elasticsearch" / "dashboards.ndjson"


def main() -> None:
    """Write the file."""
    FILE.write_text(ndjson(saved_objects("geovelocity")), encoding="utf-8")


if __name__ == "__main__":
    main()
