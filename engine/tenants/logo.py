"""A tenant's logo: a small picture among its own settings, so that every copy of it has one.

The registry knows its digest, which pages are made with; whoever knows the tenant's name may see
it, since it stands where people sign in.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from typing import IO, Any

from sqlalchemy import Column, Connection, MetaData, Table, Text, Uuid, delete, select
from sqlalchemy.dialects.postgresql import JSONB, insert

from engine.access.grants import require_everything
from engine.audit.event import Auditing, Event
from engine.context import Context, Tenant
from engine.database import Database
from engine.errors import NotFound
from engine.files.judging import file_name, media_type
from engine.files.pictures import FORMATS, redrawn
from engine.files.refusals import FileRefused
from engine.schema.tables import TENANT
from engine.tenants.errors import TenantUnknown
from engine.tenants.registry import TenantRegistry
from engine.values.identity import new_id

LARGEST = 2_000_000
"""Bytes of a picture that is taken as a logo; what is kept of it is far smaller."""

NAME = "logo"

_settings = Table(
    "sys_setting",
    MetaData(),
    Column("id", Uuid, primary_key=True),
    Column("name", Text),
    Column("value", JSONB),
    schema=TENANT,
)


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture, as it is sent to browsers."""

    media: str
    content: bytes
    digest: str


class Logos:
    """Keeps the logo of each tenant; those who hold every right change it."""

    def __init__(self, database: Database, registry: TenantRegistry, audit: Auditing) -> None:
        self._database = database
        self._registry = registry
        self._audit = audit

    def put(self, ctx: Context, name: str | None, content: IO[bytes]) -> None:
        """Keep a picture, drawn anew and small; raise `FileRefused` for what is none."""
        require_everything(ctx, "logo")
        found = _drawn(file_name(name), content.read(LARGEST + 1))
        value = {"type": found.media, "data": b64encode(found.content).decode()}
        row = insert(_settings).values(id=new_id(ctx.now), name=NAME, value=value)
        statement = row.on_conflict_do_update(index_elements=["name"], set_={"value": value})
        self._change(ctx, statement, found.digest)

    def remove(self, ctx: Context) -> None:
        """Take the logo away."""
        require_everything(ctx, "logo")
        self._change(ctx, delete(_settings).where(_settings.c.name == NAME), "")

    def read(self, name: str) -> Logo:
        """Return the logo of a tenant; raise `NotFound` where there is none, or no such tenant."""
        try:
            record = self._registry.get(name)
        except TenantUnknown:
            raise NotFound(tenant=name) from None
        value = self._stored(record.tenant) if record.logo and record.state == "live" else None
        if value is None:
            raise NotFound(tenant=name)
        return Logo(value["type"], b64decode(value["data"]), record.logo)

    def _change(self, ctx: Context, statement: Any, digest: str) -> None:
        """Change the settings, and then what the registry knows of them. Any: two kinds."""
        changed = Event("tenant_changed", detail={"logo": "set" if digest else "removed"})

        def unit(connection: Connection) -> None:
            connection.execute(statement)
            self._audit.within(connection, ctx, [changed])

        self._database.unit(ctx, unit)
        self._registry.set_logo(ctx.tenant.name, digest)

    def _stored(self, place: Tenant) -> Any:  # Any: JSON
        statement = select(_settings.c.value).where(_settings.c.name == NAME)
        with self._database.reading_tenant(place) as connection:
            return connection.execute(statement).scalar_one_or_none()


def _drawn(name: str, content: bytes) -> Logo:
    if not content:
        raise FileRefused("upload_empty")
    if len(content) > LARGEST:
        raise FileRefused("file_too_large", max=LARGEST // 1_000_000)
    media = media_type(BytesIO(content), name)
    if media not in FORMATS:
        raise FileRefused("file_not_picture", name=name)
    small = redrawn(BytesIO(content), media).small
    small.seek(0)
    drawn = small.read()
    return Logo(media_type(BytesIO(drawn), ""), drawn, sha256(drawn).hexdigest()[:16])
