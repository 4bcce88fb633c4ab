"""Moving a tenant to another database while its people go on reading.

Writing is refused from the moment that the copy is made until the tenant is open at its new
place: first the registry says so, and when every process has heard it, a revision that differs
in its number alone turns away whoever still works from before. Killed at any point, the same
call goes on; until the registry names the new place, the old one is whole.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from sqlalchemy import text

from engine.context import Tenant
from engine.database import Database, driver_of, lock_key
from engine.schema.apply import patiently
from engine.schema.ddl import qualified
from engine.schema.revisions import REVISION
from engine.schema.running import holding, require_settled
from engine.tenants.errors import TenantError
from engine.tenants.lately import MOMENT
from engine.tenants.provision import Provisioning
from engine.tenants.registry import TenantRegistry
from engine.transfer.catalog import read_structure
from engine.transfer.loading import Progress, load
from engine.transfer.rows import moment, rows_of
from engine.transfer.work import Works

FENCED, COPIED, SWITCHED = "fenced", "copied", "switched"


@dataclass(frozen=True, slots=True)
class Moving:
    """Moves tenants between the databases of an installation."""

    database: Database
    registry: TenantRegistry
    provisioning: Provisioning
    works: Works
    known: Callable[[str], object]

    def move(self, name: str, to: str, *, progress: Progress) -> None:
        """Move a live tenant to the database `to`; begun again, go on.

        Raises `DatabaseUnknown`, `WorkUnderWay`, `TenantError` for one that is not live, and
        `PublishRunning` for one in which a publish is not finished.
        """
        self.known(to)
        with self.works.alone(name):
            self._move(name, to, progress)

    def _move(self, name: str, to: str, progress: Progress) -> None:
        record = self.registry.get(name)
        begun = self.works.find(name)
        if begun is None and (record.state != "live" or record.tenant.database == to):
            raise TenantError(
                f"The tenant {name!r} is {record.state}, on {record.tenant.database}: a live one "
                "is moved, and to another database.",
                tenant=name,
            )
        if begun is None:
            with holding(self.database, record.tenant):
                require_settled(self.database, record.tenant)
        origin = begun.detail["from"] if begun else record.tenant.database
        work = self.works.begin(name, "move", {"from": origin, "to": to})
        old = replace(record.tenant, database=origin)
        new = replace(record.tenant, database=to)
        if not work.step:
            # What a publish leaves to do afterwards is no part of a copy: so none is under way.
            with holding(self.database, old):
                require_settled(self.database, old)
                self._fence(name, old)
        if work.step in ("", FENCED):
            self._copy(old, new, progress)
            self.works.reached(name, COPIED)
        if work.step != SWITCHED:
            self.registry.place(name, to)
            self.works.reached(name, SWITCHED)
        self.provisioning.vacate(old)
        self.works.end(name)

    def _fence(self, name: str, old: Tenant) -> None:
        self.registry.set_state(name, "moving")
        # By then every process has asked the registry again.
        time.sleep(MOMENT * 1.5)
        patiently(partial(self._turn_away, old))
        self.works.reached(name, FENCED)

    def _turn_away(self, old: Tenant) -> None:
        """Publish the same model again, so that who began before the fence finds it outdated."""
        table = qualified(old.schema, REVISION.name)
        others = [each.name for each in REVISION.columns if each.name not in ("number", "message")]
        with self.database.owner(old) as connection:
            driver_of(connection).execute(f"SELECT pg_advisory_xact_lock({lock_key(old)})".encode())
            named = ", ".join(f'"{each}"' for each in others)
            driver_of(connection).execute(
                f"INSERT INTO {table} (number, message, {named}) "  # noqa: S608
                f"SELECT number + 1, '{_MESSAGE}', {named} FROM {table} "
                "ORDER BY number DESC LIMIT 1".encode()
            )

    def _copy(self, old: Tenant, new: Tenant, progress: Progress) -> None:
        self.provisioning.house(new)
        with moment(self.database, old) as source:
            structure = read_structure(source, old)
            load(
                self.database,
                new,
                structure,
                lambda table: rows_of(source, old, table),
                progress,
            )


_MESSAGE = "moved to another database"


def waiting(database: Database, name: str) -> int:
    """Return how many jobs wait in a database's queue, or run."""
    with database.queue(name) as connection:
        return int(
            connection.execute(
                text(
                    "SELECT count(*) FROM joinery.procrastinate_jobs "
                    "WHERE status IN ('todo', 'doing')"
                )
            ).scalar_one()
        )
