"""A tenant's revisions: which documents its model was linked from, when, by whom and why.

Documents are kept by digest in the tenant's own schema, so that a tenant can be copied or
moved whole, and going back needs nothing from outside. The last document of a revision is
the tenant's own layer; those before it are the template it stands on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Column,
    Connection,
    DateTime,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Uuid,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, insert

from engine.context import Origin, Tenant
from engine.database import driver_of
from engine.errors import NotFound
from engine.schema import ddl
from engine.schema.columns import text_type
from engine.schema.create import run_all
from engine.schema.tables import TENANT

_METADATA = MetaData(schema=TENANT)

DOCUMENT = Table(
    "sys_document",
    _METADATA,
    Column("digest", text_type(), nullable=False),
    Column("name", text_type(), nullable=False),
    Column("text", text_type(), nullable=False),
    PrimaryKeyConstraint("digest", name="sys_document_pk"),
)

REVISION = Table(
    "sys_revision",
    _METADATA,
    Column("number", Integer(), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("author", Uuid()),
    Column("author_name", text_type(), nullable=False),
    Column("message", text_type(), nullable=False),
    Column("documents", ARRAY(text_type()), nullable=False),
    Column("template", text_type(), nullable=False),
    Column("template_version", text_type(), nullable=False),
    Column("summary", JSONB(), nullable=False),
    PrimaryKeyConstraint("number", name="sys_revision_pk"),
)

OWN_TABLES = (DOCUMENT, REVISION)
"""Tables of a tenant's schema that no model declares: the model is found through them."""


@dataclass(frozen=True, slots=True)
class Document:
    """A text of metadata under the name that errors and origins show."""

    name: str
    text: str

    @property
    def digest(self) -> str:
        """A name for exactly this document."""
        content = f"{self.name}\0{self.text}".encode()
        return blake2b(content, digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class Author:
    """Who published: a person's row in the tenant where there is one, a name to show, from where.

    Where from is for the audit log; a revision itself does not keep it.
    """

    name: str
    user: UUID | None = None
    origin: Origin = Origin()


@dataclass(frozen=True, slots=True)
class Revision:
    """One published revision; `documents` are digests, the tenant's own layer last."""

    number: int
    at: datetime
    author: Author
    message: str
    documents: tuple[str, ...]
    template: str
    template_version: str
    summary: Mapping[str, Any] = field(default_factory=dict)


def create_revision_tables(connection: Connection, tenant: Tenant) -> None:
    """Create the tables of revisions in an empty schema; the tenant's role may only read them."""
    made = [ddl.create_table(tenant.schema, table) for table in OWN_TABLES]
    given = [ddl.grant(tenant.schema, table.name, tenant.role, "SELECT") for table in OWN_TABLES]
    run_all(connection, (*made, *given))


def newest(connection: Connection, tenant: Tenant) -> tuple[int, tuple[str, ...]]:
    """Return the published revision's number and the digests of its documents."""
    row = driver_of(connection).execute(newest_question(tenant).encode()).fetchone()
    return read_newest(tenant, row[0] if row else None)


def newest_question(tenant: Tenant) -> str:
    """Return the statement that every request asks: it goes to the server as it stands."""
    table = ddl.qualified(tenant.schema, REVISION.name)
    answer = "number || ' ' || array_to_string(documents, ' ')"
    return f"SELECT {answer} FROM {table} ORDER BY number DESC LIMIT 1"  # noqa: S608


def read_newest(tenant: Tenant, answer: str | None) -> tuple[int, tuple[str, ...]]:
    """Return what the statement answers: number and digests."""
    if answer is None:
        raise NotFound(f"{tenant.name} has no revision: its creation was not finished.")
    number, *digests = answer.split()
    return int(number), tuple(digests)


def documents_of(connection: Connection, digests: Sequence[str]) -> tuple[Document, ...]:
    """Return documents by their digests, in that order."""
    statement = select(DOCUMENT).where(DOCUMENT.c.digest.in_(digests))
    found = {row.digest: Document(row.name, row.text) for row in connection.execute(statement)}
    return tuple(found[digest] for digest in digests)


def history(connection: Connection) -> tuple[Revision, ...]:
    """Return every revision, the newest first."""
    rows = connection.execute(select(REVISION).order_by(REVISION.c.number.desc()))
    return tuple(
        Revision(
            number=row.number,
            at=row.at,
            author=Author(row.author_name, row.author),
            message=row.message,
            documents=tuple(row.documents),
            template=row.template,
            template_version=row.template_version,
            summary=row.summary,
        )
        for row in rows
    )


def write_revision(
    connection: Connection,
    revision: Revision,
    documents: Sequence[Document],
) -> None:
    """Add a revision and those of its documents that are new, under the owner's role."""
    values = [{"digest": each.digest, "name": each.name, "text": each.text} for each in documents]
    connection.execute(insert(DOCUMENT).values(values).on_conflict_do_nothing())
    connection.execute(
        REVISION.insert().values(
            number=revision.number,
            at=func.clock_timestamp(),
            author=revision.author.user,
            author_name=revision.author.name,
            message=revision.message,
            documents=list(revision.documents),
            template=revision.template,
            template_version=revision.template_version,
            summary=dict(revision.summary),
        )
    )
