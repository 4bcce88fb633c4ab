"""The demo tenant on the terminal: making it once, and how to sign in to it."""

from __future__ import annotations

import sys
from collections.abc import Callable

import click

from boot.cli.output import show_table
from boot.demo import PERSONS
from boot.demonstration import demo_is_there, fill_demo, make_demo
from boot.wiring import House
from engine.context import Context

_STEPS = 100


def require_demo(built: House, name: str) -> None:
    """Make the demo tenant with its data unless it is there."""
    if demo_is_there(built, name):
        return
    _watched(
        f"Making the tenant {name} with demo data, once",
        lambda progress: make_demo(built, name, progress=progress),
    )


def add_demo(built: House, ctx: Context) -> None:
    """Fill a new tenant with demo data; where that is cut short, nothing of it is left."""
    try:
        _watched("Demo data", lambda progress: fill_demo(built, ctx, progress=progress))
    except BaseException:
        # Whatever ends it, Ctrl-C included: half a demo is none.
        built.provisioning.delete(ctx.tenant.name)
        raise


def show_persons(address: str) -> None:
    """Print the demo's address and how to sign in as each of its people."""
    click.echo(f"\n  Joinery 榫卯 serves {address}\n\n  Sign in as")
    rows = [(f"    {each.email}", each.password, each.name) for each in PERSONS]
    show_table(("    address", "password", "who"), rows)
    click.echo("\n  Ctrl-C ends everything.\n")


def _watched(label: str, work: Callable[[Callable[[float], None]], None]) -> None:
    with click.progressbar(length=_STEPS, label=label, file=sys.stderr) as bar:
        work(lambda part: bar.update(round(part * _STEPS) - bar.pos))
        bar.update(_STEPS - bar.pos)
