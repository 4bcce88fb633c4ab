"""How a plan is shown on a terminal: what changes, its steps with what they cost, its effects."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from boot.cli.failures import terminal_language
from boot.cli.output import show_json, show_table
from engine.planning import EffectLine, PlanReport
from metamodel.diff import Difference
from metamodel.parts import ACTING
from metamodel.wording import told

_STATUS = {"none": 0, "work": 0, "blocked": 1, "loses": 2}

_VERDICTS = {"notice": "Note", "loses": "Loses data", "blocks": "Not possible"}

_SHOWN = 20
"""Elements that are named of those that use what changes."""


def status_of(found: PlanReport) -> int:
    """Return the exit status that a plan stands for."""
    return _STATUS[found.risk]


def show_plan(found: PlanReport) -> None:
    """Print a plan for people."""
    rows = [(line.sentence, line.cost_said, line.wait_said) for line in found.steps]
    if rows:
        show_table(("step", "takes", "meanwhile"), rows)
        click.echo(f"In all about {found.time_said}.")
    elif not found.effects:
        click.echo("No table changes.")
    for line in found.changes:
        if line.path[0] in ACTING:
            click.echo(f"{line.sentence[:1].upper()}{line.sentence[1:]}.")
    for effect in found.effects:
        click.echo(_sentence(effect))
    if found.touched:
        more = len(found.touched) - _SHOWN
        names = [each.name for each in found.touched[:_SHOWN]]
        click.echo(f"Used by: {', '.join(names)}{f' and {more} more' if more > 0 else ''}.")
    if found.access is not None and not found.access.is_empty:
        access = found.access
        click.echo(f"Rights of {access.affected} of {access.everybody} people change:")
        for each in found.access_said:
            click.echo(f"  {each}")


def show_differences(found: Sequence[Difference], *, json_: bool) -> int:
    """Print what differs between two models; return the exit status, 1 where anything does."""
    if json_:
        show_json(
            [
                {
                    "kind": each.kind,
                    "path": each.path,
                    "attributes": sorted(each.attributes),
                    "sentence": told(each, terminal_language()),
                }
                for each in found
            ]
        )
        return 1 if found else 0
    for each in found:
        click.echo(told(each, terminal_language()))
    return 1 if found else 0


def keep_rows(path: Path, pieces: Iterable[bytes]) -> None:
    """Write the file of all records that a plan's effects are about."""
    with path.open("wb") as file:
        file.writelines(pieces)


def _sentence(effect: EffectLine) -> str:
    about = "about " if effect.sampled and effect.code != "looked_at_part" else ""
    shown = effect.samples or tuple(each.text for each in effect.records if each.text)
    samples = f" {about}{effect.rows:,}: {', '.join(shown)}" if shown else ""
    return f"{_VERDICTS[effect.verdict]}: {effect.sentence}{samples}"
