"""The functions that formulas call in SQL, in the database: made, told by version, made anew."""

from __future__ import annotations

import psycopg
from sqlalchemy import Connection, text

from engine.database import APP_ROLE, driver_of
from formula import library

_REMOVE = f"""
DO $$
DECLARE
    found regprocedure;
BEGIN
    FOR found IN
        SELECT oid::regprocedure FROM pg_catalog.pg_proc
        WHERE pronamespace = '{library.SCHEMA}'::regnamespace AND starts_with(proname, 'formula_')
    LOOP
        EXECUTE 'DROP FUNCTION ' || found;
    END LOOP;
    DROP TABLE IF EXISTS {library.TABLE};
END $$;
"""  # noqa: S608  # both names are our own


def install_functions(connection: Connection) -> None:
    """Make the functions of formulas anew where they are missing or of another version.

    Runs under the owner's role. Every role that may use the schema may call them; none but
    the owner changes them, or reads the table of readings other than through them.
    """
    if functions_version(connection) == library.version():
        return
    # A plain cursor: a script of many statements, all our own, needs the simple protocol.
    cursor = psycopg.Cursor(driver_of(connection))
    cursor.execute((_REMOVE + library.script()).encode())
    with cursor.copy(f"COPY {library.TABLE} (han, reading) FROM STDIN") as rows:
        for row in library.readings():
            rows.write_row(row)
    cursor.execute(f"REVOKE ALL ON {library.TABLE} FROM {APP_ROLE}".encode())
    cursor.execute(
        f"CREATE FUNCTION {library.SCHEMA}.formula_version() RETURNS text LANGUAGE sql IMMUTABLE "
        f"AS 'SELECT ''{library.version()}'''".encode()
    )


def functions_version(connection: Connection) -> str | None:
    """Return which version of the functions a database has, or None where it has none."""
    there = text(f"SELECT to_regprocedure('{library.SCHEMA}.formula_version()')")
    if connection.execute(there).scalar() is None:
        return None
    found = connection.execute(text(f"SELECT {library.SCHEMA}.formula_version()"))
    return str(found.scalar_one())
