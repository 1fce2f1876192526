"""`residuum trial power`."""

from pathlib import Path

import click

from residuum import DISCLAIMER, PLANNING_FOOTER
from residuum.cli.options import REPLICATES, NamedPath, problems_as_json, simulating
from residuum.steps.progress import show_progress
from residuum.steps.trial_power import PowerResult, trial_power


@click.command()
@click.argument("design", type=NamedPath(dir_okay=False))
@click.option("--replicates", type=REPLICATES, default=10_000, show_default=True, help="Trials simulated.")
@simulating
@click.option("--json", "as_json", is_flag=True, help="Print numbers.json instead of the table.")
def power(design: Path, replicates: int, seed: int, threads: int | None, scheduler: str | None, as_json: bool) -> None:
    """Simulate the trial that the file DESIGN declares: power, type I error, events and times of every look.

    Designs with [radiotherapy] are simulated under both bounds of the share of failures at targets.
    """
    with problems_as_json(as_json), show_progress("Simulating") as advance:
        result = trial_power(
            design, replicates=replicates, seed=seed, threads=threads, scheduler=scheduler, advance=advance
        )
    click.echo(result.json() if as_json else summary(result))


def summary(result: PowerResult) -> str:
    """Return the main figures as a table, one column for each bound."""
    columns = [name for name in ("trial.exclusive", "trial.inclusive") if result.numbers.get(f"{name}.power")]
    columns = columns or ["trial"]
    looks = sum(1 for row in result.numbers if row.name.startswith("trial.power.look_"))
    heads = {"trial": "", "trial.exclusive": "exclusive bound", "trial.inclusive": "inclusive bound"}
    lines = [f"{result.design.title} ({result.about['replicates']:,} trials, seed {result.about['seed']})", ""]
    if len(columns) > 1:
        lines.append(" " * 34 + "".join(f"{heads[column]:>22}" for column in columns))
    for label, name, form in _lines(looks):
        cells = "".join(f"{_cell(result, f'{column}.{name}', form):>22}" for column in columns)
        lines.append(f"{label:<34}{cells}")
    rate = result.numbers.get("trial.rate")
    speed = f"{rate.value:,.0f} trials per second and core." if rate is not None and rate.value else ""
    return "\n".join([*lines, "", speed, DISCLAIMER, PLANNING_FOOTER])


def _lines(looks: int) -> list[tuple[str, str, str]]:
    by_look = [
        line
        for k in range(1, looks + 1)
        for line in (
            (f"Look {k}: efficacy by then", f"power.look_{k}", "share"),
            (f"Look {k}: expected events", f"events.look_{k}", "1f"),
            (f"Look {k}: expected calendar year", f"time.look_{k}", "2f"),
        )
    ]
    return [
        ("Hazard ratio, average to 5 years", "hazard_ratio", "3f"),
        ("Gain in EFS at 3 years (points)", "efs_gain.3y", "points"),
        ("Power", "power", "share"),
        ("Power, analytic", "power.analytic", "4f"),
        ("Power by formula, planned events", "power.schoenfeld", "4f"),
        ("Type I error", "type_one_error", "share"),
        *(by_look if looks > 1 else by_look[1:]),
        ("Expected duration (years)", "duration", "2f"),
        ("Expected patients", "patients", "1f"),
        ("Events needed for 80 % power", "needed.events.power_80", "0f"),
        ("Patients needed for 80 % power", "needed.patients.power_80", "0f"),
    ]


def _cell(result: PowerResult, name: str, form: str) -> str:
    row = result.numbers.get(name)
    if row is None or row.value is None:
        return "-"
    if form == "share" and row.low is not None and row.high is not None:
        return f"{row.value:.4f} ± {(row.high - row.low) / 2:.4f}"
    if form == "points":
        return f"{100 * row.value:+.1f}"
    return f"{row.value:,.{form}}"
