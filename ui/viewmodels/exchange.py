"""Files in and out of a list: the page of an import, and where the columns of a file go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from engine.exchange.mapping import suggested
from engine.exchange.sources import Source
from metamodel.model import Entity, Field
from ui.screen import Screen
from ui.viewmodels.shell import Shell, may, shell

SAMPLES = 3
"""Rows of a file that are shown beside its columns."""

FORMATS = (("csv", "CSV"), ("xlsx", "Excel"), ("jsonl", "JSON"))


@dataclass(frozen=True, slots=True)
class ImportPage:
    """A file being taken in. `keys` are the fields that tell records apart: name and label."""

    shell: Shell
    heading: str
    list_url: str
    list_label: str
    columns_url: str
    send_url: str
    state_url: str
    keys: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ColumnView:
    """One column of a file, the field it goes to by itself, and its first cells."""

    name: str
    field: str
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ColumnsView:
    """The columns of a file, and the fields that they can go to: name, label, required."""

    columns: tuple[ColumnView, ...]
    fields: tuple[tuple[str, str, bool], ...]


def import_page(screen: Screen, entity: Entity) -> ImportPage:
    """Return the page that takes a file into an entity."""
    plural = screen.entity_label(entity, plural=True)
    here = screen.url("records", entity.name)
    heading = screen.words.say("Import: {name}", name=plural)
    return ImportPage(
        shell=shell(screen, heading, here),
        heading=heading,
        list_url=here,
        list_label=plural,
        columns_url=screen.url("records", entity.name, "import", "columns"),
        send_url=screen.api_url("import", entity.name),
        state_url=screen.api_url("import"),
        keys=tuple((f.name, screen.field_label(f)) for f in _enterable(screen, entity) if f.unique),
    )


def columns_view(screen: Screen, entity: Entity, source: Source) -> ColumnsView:
    """Return what is known of a file before it is taken in."""
    rows = list(islice(source.rows(), SAMPLES))
    fields = _enterable(screen, entity)
    known = {field.name for field in fields}
    return ColumnsView(
        columns=tuple(
            ColumnView(name, field if field in known else "", _samples(index, rows))
            for index, (name, field) in enumerate(
                zip(source.header, suggested(entity, source.header), strict=True)
            )
        ),
        fields=tuple((each.name, screen.field_label(each), each.required) for each in fields),
    )


def export_urls(screen: Screen, entity: Entity, **asked: str) -> tuple[tuple[str, str], ...]:
    """Return the files that a list can be taken along as: what it is called, and where it is."""
    if not may(screen, "export", entity.key):
        return ()
    return tuple(
        (label, screen.api_url("export", entity.name, format=code, **asked))
        for code, label in FORMATS
    )


def export_note(screen: Screen, entity: Entity) -> str:
    """Return how many records somebody may still export today, "" where any number."""
    if not may(screen, "export", entity.key):
        return ""
    left = screen.services.exporter.left(screen.ctx, entity)
    if left is None:
        return ""
    return screen.words.say("{count} records may be exported today", count=left)


def import_url(screen: Screen, entity: Entity) -> str:
    """Return where files are taken in, "" for whom may not."""
    if entity.child_of is not None or not may(screen, "import", entity.key):
        return ""
    return screen.url("records", entity.name, "import")


def _enterable(screen: Screen, entity: Entity) -> tuple[Field, ...]:
    writable = screen.services.access.writable(screen.ctx, entity.key)
    return tuple(
        field
        for field in entity.fields.values()
        if field.key in writable and not field.retired and field.formula is None
    )


def _samples(index: int, rows: Sequence[object]) -> tuple[str, ...]:
    cells = (getattr(row, "cells", ()) for row in rows)
    texts = (str(row[index]) for row in cells if index < len(row) and row[index] not in ("", None))
    return tuple(text if len(text) <= 40 else f"{text[:39]}…" for text in texts)
