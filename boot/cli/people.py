"""`token` and `user`: who may come in, from the command line."""

from __future__ import annotations

import secrets
import sys

import click

from boot.cli.options import with_settings
from boot.errors import BootError
from boot.settings import Settings
from boot.wiring import house
from engine.context import Cause
from engine.tenants import tokens
from engine.tenants.errors import AccountExists, TenantError
from engine.tenants.members import enrol
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
@with_settings
def token_create(settings: Settings, tenant: str, email: str, scopes: str, label: str) -> None:
    """Make a token and print it, alone on the last line. It cannot be shown again."""
    wanted = tuple(each.strip() for each in scopes.split(",") if each.strip())
    with house(settings) as built:
        built.registry.get(tenant)
        account = built.accounts.require(email)
        if tenant not in built.accounts.tenants_of(account.id):
            raise TenantError(f"{email} is no member of the tenant {tenant!r}.")
        made = tokens.issue(built.accounts.ledger, tenant, account.id, wanted, label=label)
    click.echo(f"Token of {email} in {tenant}, scopes {', '.join(wanted)}:", err=True)
    click.echo(made)


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
@password_stdin
@with_settings
def user_reset(settings: Settings, email: str, *, password_stdin: bool) -> None:
    """Set a new password, which ends the person's sessions."""
    with house(settings) as built:
        account = built.accounts.require(email)
        password, made = password_from(stdin=password_stdin)
        built.accounts.set_password(account.id, password)
    tell_password(email, password, made=made)


@user.command("disable")
@click.argument("email")
@with_settings
def user_disable(settings: Settings, email: str) -> None:
    """Bar a person from signing in, at once."""
    with house(settings) as built:
        built.accounts.set_active(built.accounts.require(email).id, active=False)
    click.echo(f"{email} cannot sign in any more.")


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
