"""What a clone without personal data holds in its place: made-up values, from no real one.

Names, addresses and numbers follow from the record's id alone, so that the same record has the
same ones everywhere, and nothing can be guessed from them. Encrypted values, files, comments,
history, logs and imports are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.compiled import CompiledModel
from engine.context import Tenant
from engine.schema.ddl import qualified
from engine.schema.names import quoted
from engine.schema.tables import stored_columns
from engine.transfer.forms import Structure, TableForm
from metamodel.model import Entity, Field

LEFT_OUT = frozenset(
    {"sys_audit", "sys_change", "sys_change_set", "sys_comment", "sys_file", "sys_import",
     "sys_import_part", "sys_key", "sys_notice", "sys_open_form", "sys_preference",
     "sys_request", "sys_run", "sys_holding", "sys_approval", "sys_approval_task",
     "sys_message", "sys_address"}
)  # fmt: skip
"""Entities whose rows tell what people did or wrote."""

PEOPLE = frozenset({"name", "email", "phone", "account"})
"""Fields of the built-in people that are personal whatever the app says."""


@dataclass(frozen=True, slots=True)
class Mask:
    """How one model's rows are copied without personal data."""

    left_out: frozenset[str]
    columns: Mapping[str, Mapping[str, str]]

    def selected(self, tenant: Tenant, table: TableForm) -> str:
        """Return the text that copies a table's rows out, masked."""
        masked = self.columns.get(table.name, {})
        taken = ", ".join(
            masked.get(each.name, quoted(each.name)) + f" AS {quoted(each.name)}"
            for each in table.columns
        )
        where = " WHERE false" if table.name in self.left_out else ""
        source = qualified(tenant.schema, table.name)
        return f"COPY (SELECT {taken} FROM {source}{where}) TO STDOUT"  # noqa: S608


def personal(entity: Entity) -> tuple[Field, ...]:
    """Return the fields of an entity that a masked clone does not show."""
    return tuple(
        each
        for each in entity.fields.values()
        if each.personal_data or each.encrypted or (entity.key == "user" and each.key in PEOPLE)
    )


def mask_of(compiled: CompiledModel, structure: Structure) -> Mask:
    """Return how the rows of a model are masked."""
    entities = {each.table: each for each in compiled.model.entities.values()}
    left_out = {
        name for name, each in entities.items() if each.key in LEFT_OUT and name in structure
    }
    columns: dict[str, dict[str, str]] = {}
    for name, entity in entities.items():
        if name not in structure or name in left_out:
            continue
        columns[name] = _masked(entity)
        for link in structure[name].links:
            if link.table not in left_out:
                continue
            if entity.pair is not None:
                left_out.add(name)
            columns[name].update({each: "NULL" for each in link.columns})
    return Mask(frozenset(left_out), columns)


def _masked(entity: Entity) -> dict[str, str]:
    found: dict[str, str] = {}
    fields = personal(entity)
    for each in fields:
        for column in stored_columns(each):
            found[column] = "NULL" if each.encrypted else _made_up(each, column)
        for column in (each.sort_column, each.plain_column, each.blind_column, each.tail_column):
            if column:
                found[column] = "NULL"
    if fields and not entity.system:
        found["sys_search"] = "NULL"
    return found


def _made_up(each: Field, column: str) -> str:
    digest = f"encode(sha256(convert_to(id::text || '{each.key}', 'UTF8')), 'hex')"
    match each.type:
        case "text":
            made = f"'Person ' || upper(left({digest}, 8))"
        case "email":
            made = f"left({digest}, 12) || '@example.invalid'"
        case "phone":
            number = f"(('x' || left({digest}, 15))::bit(60)::bigint % 100000000)::text"
            made = f"'+86139' || lpad({number}, 8, '0')"
        case "boolean":
            return "false"
        case _:
            return "NULL"
    return f"CASE WHEN {quoted(column)} IS NULL THEN NULL ELSE {made} END"
