"""`user transfer`: all that somebody holds goes to others, and their access ends."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import click
from sqlalchemy import func, select

from boot.cli.failures import terminal_language
from boot.cli.options import as_json, with_settings, yes
from boot.cli.output import show_facts, show_json, show_table
from boot.errors import BootError
from boot.settings import Settings
from boot.wiring import House, house
from engine.context import Cause, Context
from engine.errors import RecordRefused
from engine.leaving.journal import HandoverState
from engine.leaving.order import Order, Rule, Whom
from engine.leaving.planning import Plan
from engine.messages import sentence

RULE = re.compile(r"(?P<entity>\w+)(?:\.(?P<field>\w+))?(?:\s+where\s+(?P<filter>.+?))?\s*->\s*"
                  r"(?P<whom>.+)", re.S)  # fmt: skip
"""`ENTITY[.FIELD] [where FORMULA] -> WHO`."""


@click.command("transfer")
@click.argument("tenant")
@click.argument("email", metavar="FROM")
@click.option("--to", "to", default="", metavar="WHO", help="Who takes what no rule speaks of.")
@click.option(
    "--rule",
    "rules",
    multiple=True,
    metavar="RULE",
    help="ENTITY[.FIELD] [where FORMULA] -> WHO; may be repeated, the first that fits decides.",
)
@click.option("--keep-access", is_flag=True, help="Let the person go on working here.")
@click.option("--dry-run", is_flag=True, help="Say what would happen, and do nothing.")
@click.option(
    "--report",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write every record that was handed over to this CSV file.",
)
@as_json
@yes
@with_settings
def transfer(
    settings: Settings,
    tenant: str,
    email: str,
    to: str,
    rules: tuple[str, ...],
    **how: object,
) -> int:
    """Hand over all that FROM holds in a tenant, and end their access there.

    WHO is one e-mail address or several with commas, which take turns; `manager` (FROM's own),
    `team NAME`, or `stays`. Run again after a failure, it goes on. Exit status 1 where
    something could not be handed over.
    """
    with house(settings) as built:
        ctx = built.contexts.system(tenant, language=terminal_language(), cause=Cause("cli"))
        texts = [*rules, *([f"* -> {to}"] if to else [])]
        order = Order(
            _person(built, ctx, email),
            tuple(_rule(built, ctx, each) for each in texts),
            disable=not how["keep_access"],
        )
        plan = built.services.handovers.plan(ctx, order)
        if how["dry_run"]:
            _show_plan(plan, json_=bool(how["json_"]))
            return 1 if plan.unruled else 0
        if problems := plan.problems():
            raise RecordRefused(problems)
        if not how["yes"]:
            _show_plan(plan, json_=False)
            click.confirm(f"Hand over {plan.total} records of {plan.name}?", abort=True)
        done = _run(built, ctx, order)
        if how["report"]:
            with Path(str(how["report"])).open("wb") as file:
                file.writelines(built.services.handovers.report(ctx, done.id, "csv"))
    _show(done, json_=bool(how["json_"]))
    return 0 if done.state == "done" else 1


def _run(built: House, ctx: Context, order: Order) -> HandoverState:
    started = built.services.handovers.start(ctx, order, job=None)
    return built.services.handovers.run(ctx, started.id)


def _rule(built: House, ctx: Context, text: str) -> Rule:
    if text.startswith("* -> "):
        return Rule(_whom(built, ctx, text.removeprefix("* -> ")))
    found = RULE.fullmatch(text.strip())
    if found is None:
        raise BootError(
            f"{text!r} is no rule: write ENTITY[.FIELD] [where FORMULA] -> WHO, such as "
            "'customer where stage == \"won\" -> stays'."
        )
    whom = _whom(built, ctx, found["whom"])
    return Rule(whom, found["entity"], found["field"] or "", found["filter"] or "")


def _whom(built: House, ctx: Context, text: str) -> Whom:
    kind, _, name = text.strip().partition(" ")
    if kind == "manager" and not name:
        return Whom("manager")
    if kind == "stays" and not name:
        return Whom("stays")
    if kind == "team" and name:
        return Whom("team", (_named(built, ctx, ("team", "name"), name.strip()),))
    return Whom("people", tuple(_person(built, ctx, each.strip()) for each in text.split(",")))


def _person(built: House, ctx: Context, email: str) -> UUID:
    return _named(built, ctx, ("user", "email"), email)


def _named(built: House, ctx: Context, place: tuple[str, str], value: str) -> UUID:
    """Return the record of an entity that a field names."""
    entity, key = place
    table = ctx.compiled.tables.of(entity)
    column = table.c[ctx.model.entities[entity].fields[key].column]
    statement = select(table.c.id).where(
        func.lower(column) == value.lower(), table.c.sys_trashed_at.is_(None)
    )
    with built.database.reading(ctx) as connection:
        found = connection.execute(statement).scalar()
    if found is None:
        raise BootError(f"There is no {entity} {value!r} in {ctx.tenant.name}.")
    return UUID(str(found))


def _show_plan(plan: Plan, *, json_: bool) -> None:
    rows = [
        (each.holding.entity.name, each.holding.field.name, each.records, _decided(plan, each.rule,
         ends=each.ends))
        for each in plan.parts
    ]  # fmt: skip
    if json_:
        names = ("entity", "field", "records", "rule")
        show_json([dict(zip(names, row, strict=True)) for row in rows])
        return
    show_table(("entity", "field", "records", "what becomes of them"), rows)
    for place in plan.mentions:
        click.echo(f"The app names {plan.name} in {place}: change that, too.", err=True)
    for error in plan.problems():
        click.echo(sentence(error, terminal_language()), err=True)


def _decided(plan: Plan, rule: int | None, *, ends: bool) -> str:
    if ends:
        return "ends"
    if rule is None:
        return "nobody takes them"
    whom = plan.order.rules[rule].whom
    return "stays" if whom.kind == "stays" else f"rule {rule + 1}"


def _show(done: HandoverState, *, json_: bool) -> None:
    left = sum(each.left for each in done.given)
    facts: dict[str, object] = {
        "id": str(done.id), "state": done.state, "records": done.total, "done": done.done,
        "left": left,
    }  # fmt: skip
    if json_:
        show_json({**facts, "refused": [_refused(each) for each in done.refused]})
        return
    show_facts(facts)
    rows: Sequence[Sequence[object]] = [
        (each.entity, each.field, each.given, each.stayed, each.ended, each.left)
        for each in done.given
    ]
    show_table(("entity", "field", "given", "stayed", "ended", "left"), rows)
    for each in done.refused:
        click.echo(f"{each.entity} {each.record}: {each.reason}", err=True)


def _refused(each: object) -> dict[str, object]:
    return {name: getattr(each, name) for name in ("entity", "field", "record", "reason")}
