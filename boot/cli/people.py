"""`token` and `user`: who may come in, from the command line."""

from __future__ import annotations

import secrets
import sys
from datetime import UTC, datetime, timedelta

import click

from boot.cli.barring import require_others
from boot.cli.options import as_json, with_settings
from boot.cli.output import show_json, show_table
from boot.errors import BootError
from boot.settings import Settings
from boot.wiring import house
from engine.accounts.second_factor import EVERYBODY, ask, asked_of
from engine.context import NOWHERE, Cause
from engine.tenants import tokens
from engine.tenants.errors import AccountExists
from engine.tenants.members import enrol
from engine.tenants.tokens import Terms
from metamodel.model import Model

password_stdin = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input."
)


@click.group()
def token() -> None:
    """Tokens for the API."""


@token.command("create")
@click.argument("tenant")
@click.option("--user", "email", required=True, metavar="EMAIL", help="Whose rights it has.")
@click.option("--scopes", required=True, help="all, read, or ENTITY:RIGHT,...")
@click.option("--label", default="", help="What it is for.")
@click.option("--expires", "ends_on", default="", metavar="DATE|DAYS", help="When it ends.")
@with_settings
def token_create(
    settings: Settings, tenant: str, email: str, scopes: str, label: str, ends_on: str
) -> None:
    """Make a token and print it, alone on the last line. It cannot be shown again."""
    wanted = tuple(each.strip() for each in scopes.split(",") if each.strip())
    ends_at = _end_of(ends_on)
    with house(settings) as built:
        built.registry.get(tenant)
        account = built.accounts.require(email)
        made = tokens.issue(
            built.accounts.ledger, tenant, account.id, wanted, terms=Terms(label, ends_at)
        )
    click.echo(f"Token of {email} in {tenant}, scopes {', '.join(wanted)}:", err=True)
    click.echo(made)


@token.command("list")
@click.argument("tenant")
@click.option("--user", "email", default="", metavar="EMAIL", help="Only this person's.")
@as_json
@with_settings
def token_list(settings: Settings, tenant: str, email: str, *, json_: bool) -> None:
    """List the tokens of a tenant by their first characters, with their last use."""
    with house(settings) as built:
        built.registry.get(tenant)
        owner = built.accounts.require(email).id if email else None
        found = tokens.issued(built.database, owner=owner, tenant_name=tenant)
    facts = [
        {
            "start": each.start,
            "user": each.email,
            "label": each.label,
            "scopes": ",".join(each.scopes),
            "created_at": each.created_at,
            "used_at": each.used_at,
            "ends_at": each.ends_at,
        }
        for each in found
    ]
    if json_:
        show_json(facts)
    elif facts:
        show_table(tuple(facts[0]), [tuple(each.values()) for each in facts])
    else:
        click.echo(f"There are no tokens in {tenant}.")


@token.command("revoke")
@click.argument("tenant")
@click.argument("start")
@with_settings
def token_revoke(settings: Settings, tenant: str, start: str) -> None:
    """End a token at once, named by its first characters as the list shows them."""
    with house(settings) as built:
        built.registry.get(tenant)
        ended = tokens.revoke(built.accounts.ledger, start=start, tenant_name=tenant)
    if not ended:
        raise BootError(f"No token in {tenant} begins with {start!r}: look at `token list`.")
    click.echo("The token opens nothing any more.")


def _end_of(given: str) -> datetime | None:
    """Return the instant of a day, or of so many days from now; blank: none."""
    if not given:
        return None
    try:
        if given.isdecimal():
            return datetime.now(UTC) + timedelta(days=int(given))
        return datetime.fromisoformat(given).replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise BootError(
            f"{given!r} is no end: write a day as 2027-01-31, or a number of days."
        ) from None


@click.group()
def user() -> None:
    """People who may sign in."""


@user.command("add")
@click.argument("email")
@click.option("--name", default="", help="What people call them.")
@click.option("--language", default="", help="The language of their screens (zh, en).")
@click.option("--tenant", default="", help="Make them a person of this tenant.")
@click.option("--role", "roles", multiple=True, help="A role there; may be repeated.")
@password_stdin
@with_settings
def user_add(
    settings: Settings,
    email: str,
    name: str,
    language: str,
    tenant: str,
    roles: tuple[str, ...],
    *,
    password_stdin: bool,
) -> None:
    """Add a person to the installation, and to a tenant."""
    if roles and not tenant:
        raise click.UsageError("--role needs --tenant: a role is held in a tenant.")
    with house(settings) as built:
        known = built.accounts.by_email(email)
        ctx = built.contexts.system(tenant, cause=Cause("cli")) if tenant else None
        if ctx is not None:
            _require_roles(ctx.model, roles)
        if known is not None and ctx is None:
            raise AccountExists(f"There is an account for {email} already.", email=email)
        password, made = ("", False) if known else password_from(stdin=password_stdin)
        account = known or built.accounts.create(
            email, name=name, password=password, language=language
        )
        if ctx is not None:
            enrol(built.accounts, built.writer, ctx, account, roles=roles)
    if known is None:
        tell_password(email, password, made=made)
    else:
        click.echo(f"{email} works in {tenant} now, with the password they have.")


@user.command("reset")
@click.argument("email")
@click.option("--link", is_flag=True, help="Print a link, good for an hour, instead.")
@password_stdin
@with_settings
def user_reset(settings: Settings, email: str, *, link: bool, password_stdin: bool) -> None:
    """Set a new password, which ends the person's sessions, or print a link for one."""
    with house(settings) as built:
        account = built.accounts.require(email)
        if link:
            click.echo(built.services.people.letters.reset_link(account))
            return
        password, made = password_from(stdin=password_stdin)
        built.accounts.set_password(account.id, password)
    tell_password(email, password, made=made)


@user.command("disable")
@click.argument("email")
@click.option("--anyway", is_flag=True, help="Even if nobody is left to administer a tenant.")
@with_settings
def user_disable(settings: Settings, email: str, *, anyway: bool) -> None:
    """Bar a person from signing in, at once."""
    with house(settings) as built:
        who = built.accounts.require(email).id
        if not anyway:
            require_others(built, who)
        built.accounts.set_active(who, active=False)
    click.echo(f"{email} cannot sign in any more.")


@user.command("enable")
@click.argument("email")
@with_settings
def user_enable(settings: Settings, email: str) -> None:
    """Let a person sign in again who was barred."""
    with house(settings) as built:
        built.accounts.set_active(built.accounts.require(email).id, active=True)
    click.echo(f"{email} can sign in again.")


@user.command("lost")
@click.argument("email")
@with_settings
def user_lost(settings: Settings, email: str) -> None:
    """Forget a person's authenticator app, recovery codes and passkeys: they lost them all."""
    with house(settings) as built:
        account = built.accounts.require(email)
        built.accounts.authenticators.remove(account, NOWHERE)
        for each in built.services.people.passkeys.of(account):
            built.services.people.passkeys.remove(account, each.id, NOWHERE)
        built.accounts.end_all(account.id)
    click.echo(f"{email} signs in with the password alone.")


@click.command("proofs")
@click.argument("tenant")
@click.option("--role", "roles", multiple=True, help="Ask people of this role; may be repeated.")
@click.option("--everybody", is_flag=True, help="Ask all.")
@click.option("--nobody", is_flag=True, help="Ask nobody.")
@with_settings
def proofs(
    settings: Settings, tenant: str, roles: tuple[str, ...], *, everybody: bool, nobody: bool
) -> None:
    """Say whom a tenant asks for a second proof of who they are."""
    if bool(roles) + everybody + nobody > 1:
        raise click.UsageError("Say --role, --everybody or --nobody.")
    with house(settings) as built:
        if roles:
            _require_roles(built.contexts.system(tenant, cause=Cause("cli")).model, roles)
        if roles or everybody or nobody:
            ask(built.accounts.ledger, tenant, [EVERYBODY] if everybody else roles)
        asked = asked_of(built.accounts.ledger, tenant)
    shown = "everybody" if EVERYBODY in asked else ", ".join(asked) or "nobody"
    click.echo(f"{tenant} asks for a second proof: {shown}.")


def _require_roles(model: Model, roles: tuple[str, ...]) -> None:
    unknown = [role for role in roles if role not in model.roles]
    if unknown:
        raise BootError(
            f"There is no role {', '.join(unknown)}; there are {', '.join(sorted(model.roles))}."
        )


def password_from(*, stdin: bool) -> tuple[str, bool]:
    """Return a password and whether it was made up: read, asked for, or made."""
    if stdin:
        given = sys.stdin.readline().rstrip("\r\n")
        if not given:
            raise BootError("--password-stdin was given and nothing came on standard input.")
        return given, False
    if sys.stdin.isatty():
        return click.prompt("Password", hide_input=True, confirmation_prompt=True), False
    return secrets.token_urlsafe(12), True


def tell_password(email: str, password: str, *, made: bool) -> None:
    """Say that somebody can sign in, and with what where we made it up."""
    click.echo(f"{email} can sign in" + (f" with the password {password}" if made else "."))
