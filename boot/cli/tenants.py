"""`tenant`: making tenants, looking at them, taking them away."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import click

from boot.cli.demonstration import add_demo
from boot.cli.options import as_json, with_settings, yes
from boot.cli.output import show_facts, show_json, show_table
from boot.cli.people import password_from, password_stdin, tell_password
from boot.errors import BootError
from boot.settings import Settings
from boot.tenancy import Wanted, make_tenant
from boot.transfers import transfers
from boot.wiring import House, house
from engine.tenants.quiet import keep_quiet
from engine.tenants.registry import Subscription, TenantRecord, require_name
from engine.tenants.size import measure
from engine.transfer.farewell import GRACE


@click.group()
def tenant() -> None:
    """Tenants: each has its own records, people and shape."""


@tenant.command("create")
@click.argument("name")
@click.option("--template", required=True, metavar="NAME|FILE", help="The app it starts with.")
@click.option("--pack", "packs", multiple=True, metavar="NAME|FILE", help="A pack beside it.")
@click.option("--language", default="", help="The language of its starter records (zh, en).")
@click.option("--label", default="", help="What people call it.")
@click.option(
    "--database-name", "database", default="", metavar="NAME", help="Place it on this database."
)
@click.option("--demo", is_flag=True, help="Fill it with demo data.")
@click.option("--admin", default="", metavar="EMAIL", help="Make this person its administrator.")
@password_stdin
@with_settings
def create(
    settings: Settings,
    *,
    demo: bool,
    admin: str,
    packs: tuple[str, ...],
    password_stdin: bool,
    **given: str,
) -> None:
    """Make a tenant from a template."""
    require_name(given["name"])
    with house(settings) as built:
        password, made = None, False
        # Somebody who has an account keeps its password unless a new one is given.
        if admin and (password_stdin or built.accounts.by_email(admin) is None):
            password, made = password_from(stdin=password_stdin)
        wanted = Wanted(**given, administrator=admin, password=password, packs=packs)
        ctx = make_tenant(built, wanted)
        if demo:
            add_demo(built, ctx)
    click.echo(f"The tenant {given['name']} is ready.")
    if password is not None:
        tell_password(admin, password, made=made)


@tenant.command("list")
@as_json
@with_settings
def list_(settings: Settings, *, json_: bool) -> None:
    """List the tenants of this installation."""
    with house(settings) as built:
        records = built.registry.all()
    facts = [_facts(record) for record in records]
    if json_:
        show_json(facts)
    elif facts:
        show_table(tuple(facts[0]), [tuple(each.values()) for each in facts])
    else:
        click.echo("There are no tenants yet: make one with `joinery tenant create`.")


@tenant.command("show")
@click.argument("name")
@as_json
@with_settings
def show(settings: Settings, name: str, *, json_: bool) -> None:
    """Show one tenant: where it lives and what it runs on."""
    with house(settings) as built:
        facts = _whole(built, built.registry.get(name))
    if json_:
        show_json(facts)
    else:
        show_facts(facts)


@tenant.command("quiet")
@click.argument("name")
@click.option("--off", is_flag=True, help="Let it write again.")
@with_settings
def quiet(settings: Settings, name: str, *, off: bool) -> None:
    """Keep a tenant from writing to anybody outside, as a copy is kept."""
    with house(settings) as built:
        keep_quiet(built.accounts.ledger, name, quiet=not off)
    done = "writes to people from now on" if off else "writes to nobody until it is let again"
    click.echo(f"The tenant {name} {done}.")


@tenant.command("delete")
@click.argument("name")
@click.option(
    "--days",
    type=click.IntRange(1, 3650),
    default=GRACE.days,
    show_default=True,
    help="How long it can be taken back.",
)
@click.option("--back", is_flag=True, help="Take a deleted tenant back.")
@click.option("--now", is_flag=True, help="Delete all its records for good, at once.")
@yes
@with_settings
def delete(settings: Settings, name: str, days: int, *, back: bool, now: bool, yes: bool) -> None:
    """Close a tenant, and delete it with all its records when its days of grace are over."""
    with house(settings) as built:
        built.registry.get(name)
        farewell = transfers(built).farewell
        if back:
            was = farewell.back(name)
            click.echo(f"The tenant {name} is {was} again.")
            return
        if not yes and click.prompt(f"All records of {name} go. Type its name") != name:
            raise BootError("That is not its name: nothing was deleted.")
        if now:
            farewell.at_once(name)
            click.echo(f"The tenant {name} is gone.")
            return
        when = farewell.later(name, grace=timedelta(days=days))
    click.echo(
        f"The tenant {name} is closed and goes for good on {when:%Y-%m-%d}. Until then "
        f"`joinery tenant delete {name} --back` takes it back."
    )


@tenant.command("subscription")
@click.argument("name")
@click.option("--plan", help="What it is called.")
@click.option("--seats", type=click.IntRange(0), help="How many active people; 0: any number.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Its last day of writing.")
@click.option("--forever", is_flag=True, help="It has no last day.")
@click.option("--notes", help="Whatever the operator wants to remember.")
@with_settings
def subscription(
    settings: Settings,
    name: str,
    plan: str | None,
    seats: int | None,
    until: datetime | None,
    notes: str | None,
    *,
    forever: bool,
) -> None:
    """Note what was agreed about a tenant: its plan, its seats, its last day."""
    with house(settings) as built:
        agreed = built.registry.get(name).subscription
        if plan is not None:
            agreed = replace(agreed, plan=plan)
        if seats is not None:
            agreed = replace(agreed, seats=seats or None)
        if until is not None or forever:
            agreed = replace(agreed, expires_on=until.date() if until else None)
        if notes is not None:
            agreed = replace(agreed, notes=notes)
        built.registry.subscribe(name, agreed)
    show_facts(_agreed(agreed))


@tenant.command("rename")
@click.argument("name")
@click.argument("to")
@with_settings
def rename(settings: Settings, name: str, to: str) -> None:
    """Give a tenant another name, and with it other addresses."""
    with house(settings) as built:
        built.registry.rename(name, to)
    click.echo(f"The tenant {name} is called {to} now.")


@tenant.command("archive")
@click.argument("name")
@click.option("--back", is_flag=True, help="Bring an archived tenant back.")
@with_settings
def archive(settings: Settings, name: str, *, back: bool) -> None:
    """Close a tenant to everybody, its records kept."""
    with house(settings) as built:
        state = built.registry.get(name).state
        if state not in ("live", "archived"):
            raise BootError(f"The tenant {name} is {state}: it cannot be archived now.")
        built.registry.set_state(name, "live" if back else "archived")
    click.echo(f"The tenant {name} is {'live again' if back else 'archived'}.")


def _facts(record: TenantRecord) -> dict[str, object]:
    return {
        "name": record.tenant.name,
        "label": record.label,
        "state": record.state,
        "language": record.language,
        "template": record.template,
        "created_at": record.created_at,
    }


def _agreed(agreed: Subscription) -> dict[str, object]:
    return {
        "plan": agreed.plan,
        "seats": agreed.seats or "any number",
        "until": agreed.expires_on or "forever",
        "notes": agreed.notes,
    }


def _whole(built: House, record: TenantRecord) -> dict[str, object]:
    published = built.store.current(record.tenant)
    model = published.compiled.model
    size = measure(built.database, record.tenant, published.compiled)
    return {
        **_facts(record),
        **_agreed(record.subscription),
        "leaving_at": record.leaving_at,
        "quiet": record.tenant.quiet,
        "schema": record.tenant.schema,
        "database": record.tenant.database,
        "app": f"{model.app.name} {model.app.version}",
        "revision": published.revision,
        "entities": sum(not each.system and not each.retired for each in model.entities.values()),
        "records": size.records,
        "people": size.people,
        "megabytes": round(size.bytes / 1e6, 1),
    }
