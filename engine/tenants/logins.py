"""Letting each tenant's role log in by itself, so that whatever runs under it reaches nothing else.

Without this the application logs in as itself and takes a tenant's role for a transaction; with
it a connection belongs to one tenant from its first byte, and there is no role to step out to.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, text

from engine.connections import DEFAULT, SESSION, Password
from engine.context import Tenant
from engine.database import Database, driver_of
from engine.schema.names import quoted
from engine.sealing import MasterKey

_LIMITS = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")


def passwords(key: MasterKey) -> Password:
    """Return what tells the password of a tenant's role: it follows from the master key."""

    def password(role: str) -> str:
        return key.derive(f"tenant login {role}").hex()

    return password


def let_in(connection: Connection, role: str, password: str) -> None:
    """Let a tenant's role log in to this database, with the time-outs that hold for everybody.

    Runs under the owner's role. The server is told a verifier, never the password.
    """
    server = driver_of(connection).pgconn
    verifier = server.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    database = quoted(_current(connection))
    for statement in (
        f"ALTER ROLE {quoted(role)} LOGIN PASSWORD '{verifier}'",
        f"GRANT CONNECT ON DATABASE {database} TO {quoted(role)}",
        *(f"ALTER ROLE {quoted(role)} SET {name} = '{SESSION[name]}'" for name in _LIMITS),
    ):
        driver_of(connection).execute(statement.encode())


def shut_out(connection: Connection, role: str) -> None:
    """Take back that a role may enter this database."""
    database = quoted(_current(connection))
    driver_of(connection).execute(f"REVOKE ALL ON DATABASE {database} FROM {quoted(role)}".encode())


def let_all_in(database: Database, tenants: Sequence[Tenant], password: Password) -> int:
    """Let every tenant's role log in that cannot yet; return how many those were."""
    done = 0
    for name in sorted({tenant.database for tenant in tenants} or {DEFAULT}):
        here = [tenant.role for tenant in tenants if tenant.database == name]
        with database.owner(database=name) as connection:
            found = connection.execute(
                text("SELECT rolname FROM pg_roles WHERE rolname = ANY(:here) AND NOT rolcanlogin"),
                {"here": here},
            ).scalars()
            for role in found.all():
                let_in(connection, role, password(role))
                done += 1
    return done


def _current(connection: Connection) -> str:
    return str(connection.execute(text("SELECT current_database()")).scalar_one())
