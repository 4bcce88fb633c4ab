"""The tables of notices and preferences, their columns by field key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column, Table

from engine.context import Context

NOTICE = "sys_notice"

PREFERENCE = "sys_preference"


def columns_of(ctx: Context, entity: str) -> tuple[Table, Mapping[str, Column[Any]]]:
    """Return one of the engine's own tables, and its columns. Any: columns of every type."""
    table = ctx.compiled.tables.of(entity)
    fields = ctx.model.entities[entity].fields
    return table, {key: table.c[each.column] for key, each in fields.items()}
