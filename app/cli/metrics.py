"""`geovelocity metrics`: everything that is counted and measured, with its meaning and what to do about it."""

import click

from app.observability.catalogue import METRICS
from schemas.codes.fix_fault import FAULT_HELP as FAULTS
from schemas.codes.record_outcome import OUTCOME_HELP as TALLIES
from schemas.erasure import REMOVED_HELP as REMOVED


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
        labels, tellers = ", ".join(metric.labels), ", ".join(metric.exported_by)
        said = f"{tellers} | {metric.meaning} | {metric.remedy}"
        lines.append(f"| `{metric.name}` | {metric.kind} | {labels} | {said} |")
    for title, meanings in (("outcome", TALLIES), ("fault", FAULTS), ("removed", REMOVED)):
        lines += ["", f"| {title} | meaning |", "|---|---|"]
        lines += [f"| `{code}` | {meaning} |" for code, meaning in meanings.items()]
    return "\n".join(lines) + "\n"
