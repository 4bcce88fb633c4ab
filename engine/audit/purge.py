"""Taking away what is too old to be kept: by the tables' owner alone, and told in the log."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete

from engine.audit.event import Event, PersonEvent
from engine.audit.log import AuditLog, InstallationLog
from engine.context import Context
from engine.database import Database
from engine.schema.tables import AUDIT
from engine.tenants.tables import audit


def purge(database: Database, log: AuditLog, ctx: Context, before: datetime) -> int:
    """Take away a tenant's events from before an instant; return how many, which is an event."""
    table = ctx.compiled.tables.of(AUDIT)
    with database.owner(ctx.tenant) as connection:
        gone = connection.execute(delete(table).where(table.c.at < before)).rowcount
        told = {"before": before, "events": gone}
        log.within(connection, ctx, [Event("audit_purged", AUDIT, detail=told)])
    return gone


def purge_installation(database: Database, log: InstallationLog, before: datetime) -> int:
    """Take away the installation's own events from before an instant; return how many."""
    with database.owner() as connection:
        gone = connection.execute(delete(audit).where(audit.c.at < before)).rowcount
        told = {"before": before, "events": gone}
        log.within(connection, PersonEvent("audit_purged", detail=told))
    return gone
