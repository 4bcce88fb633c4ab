"""A tenant of a small app in an installation of its own, filled by statements."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, create_engine, text

from boot.connection import addressed
from boot.settings import read_settings
from boot.wiring import House, house
from engine.context import Cause, Context
from engine.schema.revisions import Document
from engine.tenants.install import initialise
from engine.tenants.provision import NewTenant


@contextmanager
def prepared(home: Path) -> Iterator[tuple[House, URL]]:
    """Yield every service over a prepared installation, and its administrator's address.

    Raises `SystemExit` where the database's role may not create roles.
    """
    settings = read_settings({"home": str(home)})
    with addressed(settings) as address:
        if address.admin is None:
            raise SystemExit("The benchmark needs a database role that may create roles.")
        initialise(address.admin, app_password=address.app.password or "")
        with house(settings) as served:
            yield served, address.admin


@contextmanager
def filled(
    home: Path, tenant: str, app: Path, fill: Callable[[Context], Iterable[str]]
) -> Iterator[tuple[House, Context]]:
    """Yield every service over a new tenant with all its rows, and a context of its system.

    Raises `SystemExit` where the database's role may not create roles.
    """
    with prepared(home) as (served, admin):
        documents = (Document(app.name, app.read_text("utf-8")), Document("tenant", ""))
        served.provisioning.create(NewTenant(tenant, documents), author="bench")
        ctx = served.contexts.system(tenant, cause=Cause("cli"))
        engine = create_engine(admin).execution_options(isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in (*fill(ctx), "VACUUM ANALYZE"):
                connection.execute(text(statement))
        engine.dispose()
        yield served, ctx
