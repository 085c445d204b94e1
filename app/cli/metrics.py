"""`geovelocity metrics`: everything that is counted and measured, with its meaning and what to do about it."""

import click

from app.metrics import METRICS
from schemas.erasure import MEANINGS as REMOVED
from schemas.fault import MEANINGS as FAULTS
from schemas.tally import MEANINGS as TALLIES


@click.command("metrics")
def command() -> None:
    """List every metric as a Markdown table, as docs/metrics.md has it."""
    click.echo(metrics_document(), nl=False)


def metrics_document() -> str:
    """All of docs/metrics.md."""
    lines = [
        "# Metrics",
        "",
        "Workers answer `/metrics` on `GEOVELOCITY_HEALTH_PORT` of their own machine, the bridge likewise: from their",
        "first moment on, whatever else is away. Counters begin at zero with each process, those with labels too. Made",
        "by `geovelocity metrics`; alerts stand in `deploy/prometheus/alerts.yaml`.",
        "",
        "| metric | kind | labels | told by | what it says | what to do |",
        "|---|---|---|---|---|---|",
    ]
    for metric in METRICS:
        labels, tellers = ", ".join(metric.labels), ", ".join(metric.told_by)
        said = f"{tellers} | {metric.meaning} | {metric.remedy}"
        lines.append(f"| `{metric.name}` | {metric.kind} | {labels} | {said} |")
    for title, meanings in (("outcome", TALLIES), ("fault", FAULTS), ("removed", REMOVED)):
        lines += ["", f"| {title} | meaning |", "|---|---|"]
        lines += [f"| `{code}` | {meaning} |" for code, meaning in meanings.items()]
    return "\n".join(lines) + "\n"
