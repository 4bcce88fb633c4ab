"""Statements as texts that can be run as they are, for those who may see them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select
from sqlalchemy.dialects import postgresql

from engine.context import Context
from engine.schema.tables import TENANT


def written_out(ctx: Context, statement: Select[Any], values: Mapping[str, object]) -> str:
    """Return a statement as SQL that can be run as it is, its binds written out."""
    bound = statement.params({k: v for k, v in values.items() if k in _names(statement)})
    compiled = bound.compile(
        dialect=postgresql.dialect(),  # type: ignore[no-untyped-call]
        schema_translate_map={TENANT: ctx.tenant.schema},
        render_schema_translate=True,
        compile_kwargs={"literal_binds": True, "render_postcompile": True},
    )
    return str(compiled)


def _names(statement: Select[Any]) -> frozenset[str]:
    return frozenset(statement.compile().binds)
