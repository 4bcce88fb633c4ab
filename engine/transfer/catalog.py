"""Reads the form of a tenant's schema from PostgreSQL's catalogue, whatever model made it.

What Joinery itself never makes (a view, a trigger, an index on an expression) is refused rather
than left out: a copy is whole or there is none. What a publish under way makes for itself alone
is no part of a tenant: a copy of it would be finished, by statements of the first, in another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, text

from engine.context import Tenant
from engine.schema.names import quoted
from engine.schema.noting import FUNCTION, TRIGGERS
from engine.schema.steps import GONE, NEXT
from engine.tenants.errors import BackupRefused
from engine.transfer import words
from engine.transfer.forms import (
    TENANT,
    CheckForm,
    ColumnForm,
    IndexForm,
    LinkForm,
    Structure,
    TableForm,
)

_COLUMNS = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull,
       coalesce(pg_get_expr(d.adbin, d.adrelid), '') AS fallback,
       coalesce(l.collname = 'C', false) AS by_code,
       a.attidentity <> '' OR a.attgenerated <> ''
         OR (l.collname IS NOT NULL AND l.collname NOT IN ('C', 'default')) AS odd
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
LEFT JOIN pg_collation l ON l.oid = a.attcollation
WHERE n.nspname = :schema AND c.relkind = 'r' AND c.relname <> ALL(:passing)
  AND NOT starts_with(a.attname, :next) AND NOT starts_with(a.attname, :gone)
ORDER BY c.relname, a.attnum
"""

_CONSTRAINTS = """
SELECT c.relname, k.conname, k.contype::text AS kind, k.convalidated,
       pg_get_expr(k.conbin, k.conrelid) AS condition,
       ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u (n, i)
             JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.n ORDER BY u.i) AS own,
       t.relname AS target, tn.nspname = n.nspname AS near, k.confdeltype::text AS gone,
       ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY u (n, i)
             JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.n
             ORDER BY u.i) AS others
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_class t ON t.oid = k.confrelid LEFT JOIN pg_namespace tn ON tn.oid = t.relnamespace
WHERE n.nspname = :schema AND k.contype <> 'n'
ORDER BY c.relname, k.conname
"""

_INDEXES = """
SELECT c.relname, i.relname AS name, m.amname AS method, x.indisunique,
       coalesce(pg_get_expr(x.indpred, x.indrelid), '') AS condition,
       x.indexprs IS NOT NULL OR x.indnkeyatts <> x.indnatts
         OR EXISTS (SELECT 1 FROM unnest(x.indoption) o WHERE o <> 0) AS odd,
       ARRAY(SELECT a.attname::text FROM unnest(x.indkey) WITH ORDINALITY u (n, i)
             JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = u.n
             ORDER BY u.i) AS columns
FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_am m ON m.oid = i.relam
WHERE n.nspname = :schema AND NOT x.indisprimary AND x.indisvalid
  AND NOT starts_with(i.relname, :next) AND NOT starts_with(i.relname, :gone)
ORDER BY c.relname, i.relname
"""

_RIGHTS = """
SELECT c.relname, CASE WHEN r.rolname = :role THEN '' ELSE r.rolname END AS holder,
       array_agg(a.privilege_type ORDER BY a.privilege_type) AS rights
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL aclexplode(c.relacl) a JOIN pg_roles r ON r.oid = a.grantee
WHERE n.nspname = :schema AND c.relkind = 'r' AND a.grantee <> c.relowner
GROUP BY c.relname, r.rolname ORDER BY c.relname, r.rolname
"""

_FOREIGN = """
SELECT 'the ' || CASE c.relkind WHEN 'v' THEN 'view' WHEN 'S' THEN 'sequence' ELSE 'relation' END
       || ' ' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = :schema AND c.relkind NOT IN ('r', 'i', 't', 'c')
  AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'i')
UNION ALL
SELECT 'the function ' || p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = :schema AND p.proname <> :function
UNION ALL
SELECT 'the trigger ' || t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = :schema AND NOT t.tgisinternal
  AND NOT starts_with(t.tgname, :triggers)
UNION ALL
SELECT 'the policy ' || y.polname FROM pg_policy y JOIN pg_class c ON c.oid = y.polrelid
JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = :schema
"""

_PASSING = {
    "passing": list(words.PASSING), "next": NEXT, "gone": GONE,
    "function": FUNCTION, "triggers": TRIGGERS,
}  # fmt: skip
"""What a publish under way makes for itself."""

_GONE = {"a": "", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL"}

_LIVE = "(sys_trashed_at IS NULL)"


def read_structure(connection: Connection, tenant: Tenant) -> Structure:
    """Return the form of a tenant's schema; raise `BackupRefused` for what is not ours."""
    binds: dict[str, object] = {"schema": tenant.schema, **_PASSING}
    # Names of this schema are written without it, so that they fit any other.
    connection.execute(text(f"SET LOCAL search_path TO {quoted(tenant.schema)}"))
    odd = list(connection.execute(text(_FOREIGN), binds).scalars())
    columns = _grouped(connection, _COLUMNS, binds)
    constraints = _grouped(connection, _CONSTRAINTS, binds)
    indexes = _grouped(connection, _INDEXES, binds)
    rights = _grouped(connection, _RIGHTS, {**binds, "role": tenant.role})
    connection.execute(text("SET LOCAL search_path TO pg_catalog"))
    odd += [f"{row.relname}.{row.attname}" for rows in columns.values() for row in rows if row.odd]
    odd += [f"the index {row.name}" for rows in indexes.values() for row in rows if _is_odd(row)]
    if odd:
        raise BackupRefused(
            f"The tenant {tenant.name} holds what Joinery did not make, and what a copy would "
            f"lose: {', '.join(odd[:5])}."
        )
    structure = {
        name: _table(name, rows, constraints[name], indexes[name], rights[name])
        for name, rows in columns.items()
    }
    for table in structure.values():
        words.require(table, structure)
    return structure


def _table(
    name: str, columns: list[Any], constraints: list[Any], indexes: list[Any], rights: list[Any]
) -> TableForm:
    keys = [each for each in constraints if each.kind == "p"]
    strange = [each.conname for each in constraints if each.kind not in "pfc"]
    if len(keys) != 1 or strange or not all(each.near for each in constraints if each.target):
        raise BackupRefused(f"The table {name} has constraints that Joinery did not make.")
    return TableForm(
        name=name,
        columns=tuple(
            ColumnForm(each.attname, each.type, each.attnotnull, each.fallback, each.by_code)
            for each in columns
        ),
        key=keys[0].conname,
        key_columns=tuple(keys[0].own),
        checks=tuple(
            CheckForm(each.conname, each.condition, each.convalidated)
            for each in constraints
            if each.kind == "c"
        ),
        links=tuple(_link(each) for each in constraints if each.kind == "f"),
        indexes=tuple(
            IndexForm(
                each.name, tuple(each.columns), each.method, each.indisunique, bool(each.condition)
            )
            for each in indexes
        ),
        rights=tuple((each.holder or TENANT, tuple(each.rights)) for each in rights),
    )


def _link(row: Any) -> LinkForm:
    return LinkForm(
        row.conname,
        tuple(row.own),
        row.target,
        tuple(row.others),
        _GONE.get(row.gone, row.gone),
        row.convalidated,
    )


def _is_odd(row: Any) -> bool:
    return bool(row.odd) or row.condition not in ("", _LIVE)


def _grouped(
    connection: Connection, statement: str, binds: Mapping[str, object]
) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for row in connection.execute(text(statement), binds):
        found[row.relname].append(row)
    return found
