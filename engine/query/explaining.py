"""What a figure, a list or a report costs: its statement with its values, run and measured."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, assert_never

from sqlalchemy import text

from engine.access.grants import sees_sql
from engine.access.policy import Readings
from engine.context import Context
from engine.doors import Access
from engine.errors import Forbidden
from engine.query.find import page_sql
from engine.query.reader import Records
from engine.query.spec import AggregateQuery, ListQuery
from engine.query.stages import FlowQuery, StageMemory
from engine.query.standings import PastQuery, Standings

Question = AggregateQuery | PastQuery | FlowQuery | ListQuery


@dataclass(frozen=True, slots=True)
class Explained:
    """A statement as it can be run, with what PostgreSQL says of it.

    `cost` is in the planner's own units, `milliseconds` the time it took on the server, `scanned`
    the rows that were read of tables, `plan` its steps in PostgreSQL's own words.
    """

    sql: str
    cost: float
    rows: int
    milliseconds: float
    scanned: int
    plan: str


class Costs:
    """Says for whoever may see it what a question runs on the database, and what that costs."""

    def __init__(
        self,
        database: Readings,
        access: Access,
        reader: Records,
        *,
        standings: Standings,
        stages: StageMemory,
    ) -> None:
        self._database = database
        self._access = access
        self._reader = reader
        self._standings = standings
        self._stages = stages

    def explain(self, ctx: Context, query: Question) -> Explained:
        """Run what a question asks, its values written out, and return what it cost.

        Raises `Forbidden` for somebody without the right to see statements, and what asking the
        question itself raises.
        """
        if not sees_sql(ctx):
            raise Forbidden(action="see_sql")
        sql = self._statement(ctx, query)
        with self._database.reading(ctx) as connection:
            # The text is our own compiler's, its values literals: colons in it are no binds.
            asked = text(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql.replace(':', _COLON)}")
            found = connection.execute(asked).scalar_one()
        whole = found[0]
        root = whole["Plan"]
        return Explained(
            sql=sql,
            cost=float(root["Total Cost"]),
            rows=int(root["Actual Rows"]),
            milliseconds=float(whole["Execution Time"]),
            scanned=round(_scanned(root)),
            plan="\n".join(_steps(root, 0)),
        )

    def _statement(self, ctx: Context, query: Question) -> str:
        match query:
            case AggregateQuery():
                return self._reader.aggregate(ctx, replace(query, explain=True)).sql
            case PastQuery():
                return self._standings.written(ctx, query)
            case FlowQuery():
                return self._stages.written(ctx, query)
            case ListQuery():
                with self._database.reading(ctx) as connection:
                    return page_sql(ctx, self._access, connection, query)
            case _:
                assert_never(query)


_COLON = chr(92) + ":"


def _scanned(node: dict[str, Any]) -> float:
    """Return the rows read of tables below a node. Any: PostgreSQL's own JSON."""
    own = float(node["Actual Rows"]) * float(node["Actual Loops"])
    removed = float(node.get("Rows Removed by Filter", 0)) * float(node["Actual Loops"])
    mine = own + removed if "Relation Name" in node else 0.0
    return mine + sum(_scanned(each) for each in node.get("Plans", ()))


def _steps(node: dict[str, Any], depth: int) -> list[str]:
    """Return a node and those below it as lines. Any: PostgreSQL's own JSON."""
    on = node.get("Index Name") or node.get("Relation Name") or ""
    line = (
        f"{'  ' * depth}{node['Node Type']}{f' {on}' if on else ''}"
        f" · {round(float(node['Actual Rows']) * float(node['Actual Loops']))} rows"
        f" · {float(node['Actual Total Time']):.1f} ms"
    )
    return [line, *(each for child in node.get("Plans", ()) for each in _steps(child, depth + 1))]
