"""`import`, `export`, `recompute`: records from files and into them, computed values checked."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from boot.cli.failures import terminal_language
from boot.cli.options import as_json, with_settings
from boot.cli.output import show_facts, show_json
from boot.errors import BootError
from boot.settings import Settings
from boot.wiring import House, house
from engine.context import Cause, Context
from engine.exchange.exporting import Wanted
from engine.exchange.importing import Order
from engine.exchange.journal import ImportState
from engine.exchange.rejects import reasons, rejects_file
from engine.exchange.sinks import Format
from engine.query.parse import parse_filter, parse_paths, parse_sort
from engine.query.spec import ListQuery
from engine.records.recompute import Difference, check, mend
from engine.values.sheet import ABSENT

_SHOWN = 20

file_argument = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("import")
@click.argument("tenant")
@click.argument("entity")
@click.argument("file", type=file_argument)
@click.option("--map", "map_", type=file_argument, help="How columns and values are read (YAML).")
@click.option("--mode", type=click.Choice(["insert", "update", "upsert"]), default="insert")
@click.option("--key", default="", metavar="FIELD", help="What tells records apart.")
@click.option("--dry-run", is_flag=True, help="Say what would happen, and do nothing.")
@click.option(
    "--rejects",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write the rejected rows, with the reasons, in the format they came in.",
)
@as_json
@with_settings
def import_(
    settings: Settings,
    tenant: str,
    entity: str,
    file: Path,
    *,
    dry_run: bool,
    json_: bool,
    rejects: Path | None,
    **how: Any,
) -> int:
    """Take the rows of a file in. Exit status 1 where any row was refused.

    CSV, TSV, XLSX, XLS, ODS, JSON and JSON lines are told apart by themselves.
    """
    order = Order(
        entity=entity,
        file=file.name,
        content=file,
        map=_text(how["map_"]),
        mode=how["mode"],
        key=how["key"],
    )
    with house(settings) as built:
        ctx = built.contexts.system(tenant, language=terminal_language(), cause=Cause("import"))
        _require_entity(ctx, tenant, entity)
        state = built.services.importer.rehearse(ctx, order) if dry_run else _run(built, ctx, order)
        if rejects is not None:
            kept = state.rejected if dry_run else built.services.importer.rejected(ctx, state.id)
            with rejects.open("wb") as written:
                written.writelines(rejects_file(state, kept, ctx.language))
    if json_:
        show_json(_facts(state, ctx.language))
    else:
        _show(state, ctx.language, dry_run=dry_run)
    return 1 if state.rejected or state.state == "failed" else 0


@click.command()
@click.argument("tenant")
@click.argument("entity")
@click.option("--format", "format_", type=click.Choice(["csv", "xlsx", "jsonl"]), default="csv")
@click.option("--filter", "filter_", default="", metavar="FORMULA", help="Which records.")
@click.option("--fields", default="", metavar="A,B.C", help="Which columns; all if left out.")
@click.option("--sort", default="", metavar="-A,B", help="In which order.")
@click.option("--clear", default="", metavar="A,B", help="Encrypted fields to write in the clear.")
@click.option("--out", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@with_settings
def export(settings: Settings, tenant: str, entity: str, *, out: Path | None, **how: Any) -> int:
    """Write records out as a file, or to standard output."""
    with house(settings) as built:
        ctx = built.contexts.system(tenant, language=terminal_language(), cause=Cause("cli"))
        _require_entity(ctx, tenant, entity)
        pieces = built.services.exporter.export(ctx, _wanted(ctx, entity, **how))
        with out.open("wb") if out else click.open_file("-", "wb") as file:
            file.writelines(pieces)
    return 0


def _wanted(  # noqa: PLR0913 - one for each flag
    ctx: Context,
    entity: str,
    *,
    format_: Format,
    filter_: str,
    fields: str,
    sort: str,
    clear: str,
) -> Wanted:
    kind = ctx.model.entity_named(entity)
    key = kind.key if kind is not None else entity
    query = ListQuery(
        entity=key,
        filter=parse_filter(ctx, key, filter_) if filter_ else None,
        sort=parse_sort(ctx, key, sort) if sort else (),
    )
    named = tuple(name.strip() for name in clear.split(",") if name.strip())
    return Wanted(query, format_, parse_paths(ctx, key, fields), named)


@click.command()
@click.argument("tenant")
@click.option("--check", "only_check", is_flag=True, help="Say what differs, and mend nothing.")
@as_json
@with_settings
def recompute(settings: Settings, tenant: str, *, only_check: bool, json_: bool) -> int:
    """Work out every stored computed value again. With --check, exit status 1 on a difference."""
    with house(settings) as built:
        ctx = built.contexts.system(tenant, cause=Cause("cli"))
        found = tuple((check if only_check else mend)(built.database, ctx))
    if json_:
        show_json([asdict(each) for each in found])
    else:
        _show_differences(found, mended=not only_check)
    return 1 if found and only_check else 0


def _require_entity(ctx: Context, tenant: str, entity: str) -> None:
    """Raise `BootError` with the names there are for an entity that is none of the tenant's."""
    kinds = ctx.model.entities.values()
    names = [kind.name for kind in kinds if not kind.retired and not kind.system]
    if entity not in names:
        raise BootError(f"{tenant} has no entity {entity!r}: it has {', '.join(sorted(names))}.")


def _text(map_file: Path | None) -> str:
    try:
        return map_file.read_text(encoding="utf-8") if map_file else ""
    except UnicodeDecodeError:
        raise BootError(f"{map_file} is not UTF-8 text: save it as UTF-8 and try again.") from None


def _run(built: House, ctx: Context, order: Order) -> ImportState:
    begun = built.services.importer.start(ctx, order, job=None)
    with click.progressbar(length=begun.total, label=order.file, file=sys.stderr) as bar:
        return built.services.importer.run(
            ctx,
            begun.id,
            origin=order.origin,
            progress=lambda state: bar.update(state.done - bar.pos),
        )


def _show(state: ImportState, language: str, *, dry_run: bool) -> None:
    if state.state == "failed":
        raise BootError(f"The import stopped: {state.message}")
    show_facts({"rows": state.total, **state.counts})
    for each in state.rejected[:_SHOWN]:
        click.echo(f"line {each.line}: {'; '.join(reasons(each, language))}")
    more = state.counts.get("rejected", 0) - _SHOWN
    if more > 0:
        click.echo(f"… and {more} more; --rejects FILE writes all of them.")
    if dry_run:
        click.echo("Nothing was written.")


def _facts(state: ImportState, language: str) -> dict[str, object]:
    return {
        "import": state.id,
        "state": state.state,
        "message": state.message,
        "rows": state.total,
        "counts": dict(state.counts),
        "passed_over": list(state.passed_over),
        "rejected": [
            {
                "line": each.line,
                "cells": [None if cell is ABSENT else cell for cell in each.cells],
                "errors": reasons(each, language),
            }
            for each in state.rejected
        ],
    }


def _show_differences(found: tuple[Difference, ...], *, mended: bool) -> None:
    if not found:
        click.echo("Every computed value is what it must be.")
        return
    for each in found[:_SHOWN]:
        click.echo(f"{each.entity}.{each.field} of {each.record}: {each.stored}, not {each.right}")
    verb = "were mended" if mended else "differ"
    click.echo(f"{len(found)} values {verb}.")
