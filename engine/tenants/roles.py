"""The kinds of database role, none of them a superuser, and the walls between tenants.

`joinery_owner` owns everything and cannot log in; `joinery_app` logs in and owns nothing;
`joinery_auditor` cannot log in and reads audit logs alone; each tenant has a role with rights
on its own schema alone. The application takes the role it needs for one transaction (`SET
LOCAL ROLE`) and inherits none. `set_config`, by which a single SELECT could change the role,
is taken away from everybody.
"""

from __future__ import annotations

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from engine.database import APP_ROLE, AUDITOR_ROLE, OWNER_ROLE, sqlstate
from engine.schema.names import quoted
from engine.tenants.errors import RightsMissing
from engine.tenants.tables import REGISTRY

_GRANT_OPTIONS_SINCE = 160000
_NO_RIGHT = "42501"


def prepare_roles(connection: Connection, *, password: str | None) -> tuple[str, ...]:
    """Make the installation's roles and schema; return warnings, in sentences.

    `connection` belongs to a superuser or an account that may make roles, and is inside a
    transaction. `password` is for the application's role where it is new.
    """
    admin = connection.execute(
        text("SELECT rolsuper, rolcreaterole FROM pg_roles WHERE rolname = current_user")
    ).one()
    if not (admin.rolsuper or admin.rolcreaterole):
        raise RightsMissing(
            "This account may not make roles. Run `joinery init` with the address of an account "
            "that has CREATEROLE and may create schemas in the database."
        )
    # Two processes may prepare the same database at once: the second finds all of it made.
    connection.execute(text("SELECT pg_advisory_xact_lock(7305516890012)"))
    _make_role(connection, OWNER_ROLE, "NOLOGIN CREATEROLE NOINHERIT")
    _make_role(connection, AUDITOR_ROLE, "NOLOGIN NOINHERIT")
    _make_role(connection, APP_ROLE, "LOGIN NOINHERIT" + _password(connection, password))
    try:
        if not admin.rolsuper:
            grant_role(connection, OWNER_ROLE, to="CURRENT_USER")
        grant_role(connection, OWNER_ROLE, to=APP_ROLE)
        if not _may_take(connection, APP_ROLE, AUDITOR_ROLE):
            # Another account may have prepared another database of the server before.
            grant_role(connection, AUDITOR_ROLE, to=APP_ROLE)
        _open_database(connection)
    except DBAPIError as error:
        if sqlstate(error) != _NO_RIGHT:
            raise
        raise RightsMissing(
            f"This account may not do what preparing needs: {str(error.orig).splitlines()[0]}. "
            f"Run `joinery init` as a superuser, or as the account that made {OWNER_ROLE} and may "
            "create schemas in the database."
        ) from None
    return _wall_off(connection, superuser=bool(admin.rolsuper))


def grant_role(connection: Connection, role: str, *, to: str) -> None:
    """Let `to` take `role` for a transaction, without having its rights otherwise."""
    version = connection.execute(text("SELECT current_setting('server_version_num')::int"))
    exact = version.scalar_one() >= _GRANT_OPTIONS_SINCE
    options = " WITH INHERIT FALSE, SET TRUE" if exact else ""
    connection.execute(text(f"GRANT {quoted(role)} TO {_who(to)}{options}"))


def _may_take(connection: Connection, role: str, other: str) -> bool:
    asked = text("SELECT pg_has_role(:role, :other, 'MEMBER')")
    return bool(connection.execute(asked, {"role": role, "other": other}).scalar())


def _who(role: str) -> str:
    return role if role == "CURRENT_USER" else quoted(role)


def _make_role(connection: Connection, name: str, attributes: str) -> None:
    found = connection.execute(
        text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": name}
    ).first()
    if found is None:
        connection.execute(text(f"CREATE ROLE {quoted(name)} {attributes}"))


def _password(connection: Connection, password: str | None) -> str:
    if password is None:
        return ""
    literal = connection.execute(text("SELECT quote_literal(:value)"), {"value": password}).scalar()
    return " PASSWORD " + str(literal).replace(":", r"\:")


def _open_database(connection: Connection) -> None:
    database = quoted(str(connection.execute(text("SELECT current_database()")).scalar()))
    connection.execute(text(f"GRANT CREATE ON DATABASE {database} TO {OWNER_ROLE}"))
    # A tenant that logs in as its own role is let in by the owner.
    connection.execute(
        text(f"GRANT CONNECT ON DATABASE {database} TO {OWNER_ROLE} WITH GRANT OPTION")
    )
    connection.execute(text(f"GRANT CONNECT ON DATABASE {database} TO {APP_ROLE}"))
    connection.execute(text(f"SET LOCAL ROLE {OWNER_ROLE}"))
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {REGISTRY}"))
    connection.execute(text(f"GRANT USAGE ON SCHEMA {REGISTRY} TO {APP_ROLE}, {AUDITOR_ROLE}"))
    for rights, things in (
        ("SELECT, INSERT, UPDATE, DELETE", "TABLES"),
        ("SELECT, USAGE", "SEQUENCES"),
    ):
        connection.execute(
            text(
                f"ALTER DEFAULT PRIVILEGES IN SCHEMA {REGISTRY} "
                f"GRANT {rights} ON {things} TO {APP_ROLE}"
            )
        )
    connection.execute(text("RESET ROLE"))


def _wall_off(connection: Connection, *, superuser: bool) -> tuple[str, ...]:
    if not superuser:
        return (
            "set_config could not be taken away from PUBLIC, which needs a superuser: run "
            "REVOKE EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean) FROM PUBLIC "
            "as one, so that no statement can step out of its tenant's role.",
        )
    connection.execute(
        text("REVOKE EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean) FROM PUBLIC")
    )
    connection.execute(text("REVOKE ALL ON SCHEMA public FROM PUBLIC"))
    database = quoted(str(connection.execute(text("SELECT current_database()")).scalar()))
    connection.execute(text(f"REVOKE CONNECT ON DATABASE {database} FROM PUBLIC"))
    return ()
