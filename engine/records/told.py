"""What the audit log is told of a change set: who works here, and what they may do."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sqlalchemy import Insert, Text, bindparam, cast, insert
from sqlalchemy.dialects.postgresql import JSONB

from engine.audit.event import Event, EventKind
from engine.audit.log import audit_row
from engine.changes import RecordChange
from engine.records.work import Work
from engine.schema.tables import AUDIT
from engine.values.sending import Request

RIGHTS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "user": frozenset({"roles", "position", "active", "department", "manager", "account"}),
        "position": frozenset({"roles", "level"}),
        "department": frozenset({"parent", "manager"}),
        "team": frozenset({"leader"}),
        "team_member": frozenset({"team", "member"}),
        "deputy": frozenset({"person", "deputy", "from", "until"}),
    }
)
"""Fields of the built-in entities that decide what people may do, by entity key."""

ROLES = frozenset({"roles", "position"})


def audit_requests(work: Work, changes: Sequence[RecordChange]) -> list[Request]:
    """Return what writes the audit log's part of a change set; nothing for most of them."""
    rows = [
        {f"audit_{name}": _written(value) for name, value in audit_row(work.ctx, event).items()}
        for event in _events(changes)
    ]
    return [work.ask(("audit",), lambda: _statement(work), *rows)] if rows else []


def _events(changes: Sequence[RecordChange]) -> Iterator[Event]:
    for change in changes:
        watched = RIGHTS.get(change.entity, frozenset())
        whole = bool(watched) and change.operation in ("delete", "restore")
        after = {key: value for key, value in change.after.items() if key in watched}
        if not (after or whole):
            continue
        kind: EventKind = "roles_changed" if ROLES & after.keys() else "people_changed"
        before = {key: value for key, value in change.before.items() if key in watched}
        told = {"operation": change.operation}
        yield Event(kind, change.entity, change.id, before, after, told)


def _written(value: Any) -> Any:  # Any: what a bind takes differs from one to the next
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value


def _statement(work: Work) -> Insert:
    table = work.ctx.compiled.tables.of(AUDIT)
    binds: dict[str, Any] = {}
    for column in table.c:
        name = f"audit_{column.name}"
        if isinstance(column.type, JSONB):
            binds[column.name] = cast(bindparam(name, type_=Text()), JSONB)
        else:
            binds[column.name] = bindparam(name, type_=column.type)
    return insert(table).values(binds)
