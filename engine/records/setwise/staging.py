"""The staging table: a batch's rows in the shape of their own table, brought in by COPY."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Integer, MetaData, Table, Uuid

from engine.compiled import CompiledModel
from engine.database import driver_of
from engine.records.draft import is_searched, sealed_row, stored_fields
from engine.records.setwise.batch import Batch
from engine.records.setwise.encoding import encode, quoted_texts
from engine.records.work import Work
from engine.schema.names import quoted
from engine.values.graph import is_computed
from engine.values.identity import id_texts
from engine.values.searchkeys import sort_key, token_text
from metamodel.model import Entity, Field

STAGE = "joinery_stage"

WHOLE = "joinery_stage_whole"

EXTRA = ("stage_seq", "stage_change", "stage_visit")
"""Columns beside the record's own: its place in the batch, ids of its history and its visit."""

BLOCK = 2_000
"""Rows that are written out as one piece of text."""


def stage_table(compiled: CompiledModel, entity: Entity) -> Table:
    """Return the staging table of an entity, as statements name it."""

    made: Table = compiled.keep(("stage", entity.key), lambda: _shaped(compiled, entity, STAGE))
    return made


def whole_table(compiled: CompiledModel, entity: Entity) -> Table:
    """Return the table of staged rows with their computed values, as statements name it.

    Where nothing is computed that is the staging table itself.
    """
    name = whole_name(entity)
    made: Table = compiled.keep(("whole", entity.key), lambda: _shaped(compiled, entity, name))
    return made


def whole_name(entity: Entity) -> str:
    """Return the name of the table in which new records are whole."""
    return WHOLE if any(is_computed(each) for each in entity.fields.values()) else STAGE


def _shaped(compiled: CompiledModel, entity: Entity, name: str) -> Table:
    table = compiled.tables.of(entity.key)
    columns: list[Column[Any]] = [Column(each.name, each.type) for each in table.c]
    columns.append(Column(EXTRA[0], Integer()))
    columns += [Column(name, Uuid()) for name in EXTRA[1:]]
    return Table(name, MetaData(), *columns, schema="pg_temp")


def open_stage(work: Work, entity: Entity) -> None:
    """Make the staging table for this transaction."""
    table = work.ctx.compiled.tables.of(entity.key)
    like = f"{quoted(work.ctx.tenant.schema)}.{quoted(table.name)}"
    seq, *ids = EXTRA
    extra = ", ".join([f"{seq} integer", *(f"{name} uuid" for name in ids)])
    driver = driver_of(work.connection)
    # A plan that was made while a table was empty reads it from end to end for each row.
    driver.execute(b"SET LOCAL plan_cache_mode = force_custom_plan")
    driver.execute(b"SET LOCAL work_mem = '64MB'")
    for name in {STAGE, whole_name(entity)}:
        driver.execute(f"CREATE TEMP TABLE {name} (LIKE {like}, {extra}) ON COMMIT DROP".encode())


def close_stage(work: Work) -> None:
    """Drop the staging table: the next batch of this unit may be of another entity."""
    driver = driver_of(work.connection)
    driver.execute(f"DROP TABLE IF EXISTS pg_temp.{STAGE}, pg_temp.{WHOLE}".encode())
    driver.execute(b"SET LOCAL plan_cache_mode = force_generic_plan")
    driver.execute(b"SET LOCAL work_mem TO DEFAULT")


@dataclass(frozen=True, slots=True)
class Staged:
    """Which columns of the staging table a batch filled."""

    columns: tuple[str, ...]


def fill_stage(work: Work, batch: Batch) -> Staged:
    """Bring a batch's rows in; what a former attempt brought is taken out first."""
    columns = dict(_columns(work, batch))
    names = ", ".join(quoted(name) for name in columns)
    driver = driver_of(work.connection)
    driver.execute(f"TRUNCATE pg_temp.{STAGE}".encode())
    with driver.cursor().copy(f"COPY pg_temp.{STAGE} ({names}) FROM STDIN".encode()) as copy:
        for piece in _pieces(list(columns.values())):
            copy.write(piece)
    return Staged(tuple(name for name in columns if name not in EXTRA))


def _pieces(columns: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the text of COPY, some rows at a time."""
    length = len(columns[0])
    for start in range(0, length, BLOCK):
        cut = [column[start : start + BLOCK] for column in columns]
        yield "\n".join(map("\t".join, zip(*cut, strict=True))) + "\n"


def _columns(work: Work, batch: Batch) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield each column's name and texts."""
    count = len(batch)
    yield "id", [f"{id_.int:032x}" for id_ in batch.ids]
    for each in stored_fields(batch.entity):
        yield from _field_columns(batch, each)
    if any(is_searched(batch.entity, each) for each in batch.entity.fields.values()):
        yield "sys_search", _tokens(batch)
    yield "sys_version", ["1"] * count
    yield EXTRA[0], list(map(str, range(count)))
    yield EXTRA[1], id_texts(work.ctx.now, count)
    if batch.entity.pipelines:
        yield EXTRA[2], id_texts(work.ctx.now, count)


def _field_columns(batch: Batch, each: Field) -> Iterator[tuple[str, Sequence[str]]]:
    texts = batch.texts.get(each.key)
    if texts is not None and each.sort_column:
        yield each.sort_column, _sort_keys(texts)
    values = batch.values.get(each.key)
    if values is None or each.formula is not None:
        if each.column and each.type == "boolean":
            yield each.column, ["f"] * len(batch)
        return
    if each.columns:
        chosen = batch.targets.get(each.key)
        for target, column in each.columns.items():
            if chosen:
                there = zip(values, chosen, strict=True)
                yield column, encode(each, [v if of == target else None for v, of in there])
        return
    if each.encrypted:
        rows = [sealed_row(each, value) for value in values]
        for name in rows[0] if rows else ():
            yield name, encode(each, [row[name] for row in rows])
        return
    yield each.column, encode(each, values)
    if each.sort_column:
        yield each.sort_column, _sort_keys(values)


def _sort_keys(values: Sequence[object]) -> Sequence[str]:
    return quoted_texts([None if value is None else sort_key(str(value)) for value in values])


def _tokens(batch: Batch) -> list[str]:
    """Return what each record is found by, as a `tsvector` is written: words need no signs."""
    known = {**batch.values, **batch.texts}
    found = [
        known[each.key]
        for each in batch.entity.fields.values()
        if is_searched(batch.entity, each) and each.key in known
    ]
    rows = (list(map(str, filter(_is_there, row))) for row in zip(*found, strict=True))
    return [token_text(texts) for texts in rows]


def _is_there(value: object) -> bool:
    return value is not None
