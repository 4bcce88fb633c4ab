"""Long work on a tenant, noted in the registry, so that a second call goes on after a kill."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, Literal

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from engine.database import Database
from engine.tenants.errors import WorkUnderWay
from engine.tenants.tables import tenant_work as table

Kind = Literal["clone", "restore", "move"]


@dataclass(frozen=True, slots=True)
class Work:
    """What is being done to a tenant: of what kind, up to which step, and what it needs."""

    kind: Kind
    step: str
    detail: Mapping[str, Any]


class Works:
    """The work under way, one for each tenant at most."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def alone(self, tenant: str) -> Iterator[None]:
        """Keep others from long work on a tenant; raise `WorkUnderWay` where one is at it now."""
        digest = blake2b(tenant.encode(), digest_size=8, person=b"tenant work").digest()
        key = int.from_bytes(digest, "big", signed=True)
        with self._database.registry() as connection:
            connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
            if not connection.execute(select(func.pg_try_advisory_xact_lock(key))).scalar_one():
                raise WorkUnderWay(
                    f"Another process is at work on the tenant {tenant!r}: wait until it is done.",
                    tenant=tenant,
                )
            yield

    def find(self, tenant: str) -> Work | None:
        """Return the work on a tenant that was begun and not ended."""
        with self._database.registry() as connection:
            row = connection.execute(select(table).where(table.c.tenant == tenant)).one_or_none()
        return None if row is None else Work(row.kind, row.step, row.detail)

    def begin(self, tenant: str, kind: Kind, detail: Mapping[str, Any]) -> Work:
        """Note that work begins, or return how far the same got before.

        `detail` says what is done; where something else was begun, `WorkUnderWay` is raised.
        """
        found = self.find(tenant)
        if found is None:
            values = {"tenant": tenant, "kind": kind, "step": "", "detail": dict(detail)}
            with self._database.registry() as connection:
                connection.execute(insert(table).values(values))
            return Work(kind, "", dict(detail))
        if found.kind != kind or any(found.detail.get(key) != detail[key] for key in detail):
            raise WorkUnderWay(
                f"The tenant {tenant!r} is in the middle of something else ({found.kind}): finish "
                "that by running the same command again, or delete the tenant.",
                tenant=tenant,
            )
        return found

    def reached(self, tenant: str, step: str) -> None:
        """Note that a step is done."""
        values = {"step": step, "at": datetime.now(UTC)}
        with self._database.registry() as connection:
            connection.execute(update(table).where(table.c.tenant == tenant).values(values))

    def end(self, tenant: str) -> None:
        """Note that the work is done."""
        with self._database.registry() as connection:
            connection.execute(delete(table).where(table.c.tenant == tenant))
