"""From the form of a table to the statements that make it somewhere."""

from __future__ import annotations

from collections.abc import Iterator

from engine.database import AUDITOR_ROLE
from engine.schema.ddl import qualified
from engine.schema.names import quoted
from engine.transfer.forms import TENANT, ColumnForm, TableForm


def create(schema: str, table: TableForm) -> str:
    """Return the statement that makes a table with its columns and checks."""
    lines = [_column(each) for each in table.columns]
    lines += [
        f"CONSTRAINT {quoted(each.name)} CHECK ({each.condition})"
        for each in table.checks
        if each.validated
    ]
    return f"CREATE TABLE {qualified(schema, table.name)} ({', '.join(lines)})"


def finish(schema: str, table: TableForm) -> Iterator[tuple[str, str]]:
    """Yield the names and statements of a table's key and indexes, which want its rows first."""
    name = qualified(schema, table.name)
    key = f"{quoted(table.key)} PRIMARY KEY ({_names(table.key_columns)})"
    yield table.key, f"ALTER TABLE {name} ADD CONSTRAINT {key}"
    for index in table.indexes:
        word = "UNIQUE INDEX" if index.unique else "INDEX"
        where = ' WHERE "sys_trashed_at" IS NULL' if index.live else ""
        yield (
            index.name,
            f"CREATE {word} {quoted(index.name)} ON {name} USING {index.method} "
            f"({_names(index.columns)}){where}",
        )


def tie(schema: str, table: TableForm) -> Iterator[tuple[str, str]]:
    """Yield the names and statements of what ties tables together, once all keys are there."""
    name = qualified(schema, table.name)
    for link in table.links:
        target = f"{qualified(schema, link.table)} ({_names(link.targets)})"
        gone = f" ON DELETE {link.gone}" if link.gone else ""
        late = "" if link.validated else " NOT VALID"
        yield (
            link.name,
            f"ALTER TABLE {name} ADD CONSTRAINT {quoted(link.name)} "
            f"FOREIGN KEY ({_names(link.columns)}) REFERENCES {target}{gone}{late}",
        )
    for check in table.checks:
        if not check.validated:
            yield (
                check.name,
                f"ALTER TABLE {name} ADD CONSTRAINT {quoted(check.name)} "
                f"CHECK ({check.condition}) NOT VALID",
            )


def grant(schema: str, role: str, table: TableForm) -> Iterator[str]:
    """Yield the statements that give the tenant's role and the auditors their rights."""
    for holder, rights in table.rights:
        who = role if holder == TENANT else holder
        yield f"GRANT {', '.join(rights)} ON {qualified(schema, table.name)} TO {quoted(who)}"
        if holder == AUDITOR_ROLE:
            yield f"GRANT USAGE ON SCHEMA {quoted(schema)} TO {quoted(holder)}"


def selected(schema: str, table: TableForm) -> str:
    """Return the text that copies a table's rows out."""
    names = _names(tuple(each.name for each in table.columns))
    return f"COPY {qualified(schema, table.name)} ({names}) TO STDOUT"


def received(schema: str, table: TableForm, *, frozen: bool) -> str:
    """Return the text that copies rows in; `frozen` in the transaction that made the table."""
    names = _names(tuple(each.name for each in table.columns))
    option = " WITH (FREEZE)" if frozen else ""
    return f"COPY {qualified(schema, table.name)} ({names}) FROM STDIN{option}"


def _column(column: ColumnForm) -> str:
    words = [quoted(column.name), column.type]
    if column.by_code:
        words.append('COLLATE "C"')
    if column.default:
        words.append(f"DEFAULT {column.default}")
    if column.required:
        words.append("NOT NULL")
    return " ".join(words)


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(quoted(each) for each in names)
