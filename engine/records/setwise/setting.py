"""Values of formulas set in many records: what a draft of each does, in a few statements.

Only where nothing is at stake but the values, what is computed from them, and the history: what
has rules, conditions or other fields of its own to be asked for is set draft by draft.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, any_, or_, select
from sqlalchemy.sql.elements import TextClause
from sqlalchemy.types import TypeEngine

from engine.changes import Change, RecordChange
from engine.database import RunAgain
from engine.errors import RecordRefused
from engine.history.changes import history_request
from engine.query.joins import RowSource
from engine.records.affected import Affected, discover_changed
from engine.records.followed import followed_rules
from engine.records.formed import Setting, entered
from engine.records.hooks import Hooks
from engine.records.settle import settle_changed
from engine.records.setwise.fitting import NotSetwise
from engine.records.setwise.judging import is_met
from engine.records.setwise.obstacles import checks_at, why_not_set
from engine.records.setwise.writing import text_of_ours
from engine.records.upwards import start_setting
from engine.records.work import IDS, Work
from engine.schema.names import quoted
from engine.values.parts import held, stored
from engine.values.readers import Refused
from engine.values.sending import STAND_IN
from formula.typed import Typed
from metamodel.model import Entity, Field

ROUNDS = 4
"""How often it is looked what to lock before the unit begins anew."""


def set_many(work: Work, setting: Setting, hooks: Sequence[Hooks] = ()) -> Change:
    """Write the values, what follows, and the history, and let hooks see it.

    Raises `NotSetwise` where one is refused: draft by draft it is told which, and why.

    Records that are in the trash by now are passed over, and so are those that hold the values.
    """
    reason = why_not_set(work.ctx.compiled, setting.entity, frozenset(setting.formulas))
    if reason or work.ctx.actor.kind != "system":
        raise NotSetwise(reason or "the rights of a person are asked of each")
    affected = _locked(work, setting)
    changes = list(_changes(work, setting))
    if not changes:
        return Change(work.change_set, work.ctx.revision, ())
    _write(work, setting.entity, changes, tuple(setting.formulas))
    followed = settle_changed(work, affected, changes)
    records = (*changes, *followed.values())
    rules = list(followed_rules(work, list(followed.values())))
    kept = history_request(work.connection, work.ctx, work.change_set, records)
    answers = work.send([*(rule.request for rule in rules), kept])
    if _is_wrong(work, setting, changes):
        raise NotSetwise("records were found wrong after they were written")
    broken = [error for rule, rows in zip(rules, answers, strict=False)
              for error in rule.broken(rows)]  # fmt: skip
    if broken:
        raise RecordRefused(broken)
    change = Change(work.change_set, work.ctx.revision, records)
    for hook in hooks:
        hook.before_commit(work.ctx, work.connection, change, ())
    return change


def _locked(work: Work, setting: Setting) -> Affected:
    """Return what follows from the records, all rows locked and as they are now."""
    own = {(setting.entity.key, id_) for id_ in setting.ids}
    work.lock(work.hints)
    if not work.hints:
        start_setting(work, setting.entity, tuple(setting.formulas), setting.ids)
    wanted = own
    for _ in range(ROUNDS):
        affected = discover_changed(work, setting.entity.key, setting.ids, setting.formulas)
        wanted = (own | affected.rows) - work.held
        if not wanted:
            return affected
        if not work.in_order(wanted):
            break
        moved = work.lock(wanted)
        if not moved and not affected.open_ended:
            return affected
    work.hints.update(wanted, work.held)
    raise RunAgain


def _changes(work: Work, setting: Setting) -> Iterator[RecordChange]:
    """Yield what changes, in the records that are there."""
    entity, formulas = setting.entity, setting.formulas
    fields = [entity.fields[key] for key in formulas]
    found = setting.values(work)
    known: dict[tuple[Hashable, ...], tuple[dict[str, object], dict[str, object]]] = {}
    for id_ in dict.fromkeys(setting.ids):
        row = work.rows.get((entity.key, id_))
        if row is None or row["sys_trashed_at"] is not None or id_ not in found:
            continue
        values, olds = found[id_], [row[each.column] for each in fields]
        # Records that change alike share one account of it.
        kind = tuple(map(_exactly, (*values, *olds)))
        if kind not in known:
            known[kind] = _difference(fields, list(formulas.values()), values, olds)
        before, after = known[kind]
        if after:
            yield RecordChange(entity.key, id_, "update", before, after)


def _difference(
    fields: Sequence[Field], formulas: Sequence[Typed], values: Sequence[Any], olds: Sequence[Any]
) -> tuple[dict[str, object], dict[str, object]]:
    """Return what fields held and are to hold, by key, where that is another. Any: of all types."""
    before: dict[str, object] = {}
    after: dict[str, object] = {}
    for each, typed, value, former in zip(fields, formulas, values, olds, strict=True):
        try:
            new, old = entered(each, typed, value), held(each, former)
        except Refused as refusal:
            raise NotSetwise(f"{each.name}: {refusal.code}") from refusal
        if new != old:
            before[each.key], after[each.key] = old, new
    return before, after


def _exactly(value: object) -> Hashable:
    """Return what tells a value from others that equal it: 1.0 and 1.00 are two."""
    return value if value is None or isinstance(value, bool | str | UUID) else str(value)


def _write(
    work: Work, entity: Entity, changes: Sequence[RecordChange], keys: tuple[str, ...]
) -> None:
    values: dict[str, object] = {
        "ids": [each.id for each in changes], "now": work.ctx.now, "actor": work.ctx.actor.user,
    }  # fmt: skip
    for at, key in enumerate(keys):
        field = entity.fields[key]
        values[f"v{at}"] = [stored(field, _new(work, each, field)) for each in changes]
    work.run(("set many", entity.key, keys), lambda: _statement(work, entity, keys), **values)


def _new(work: Work, change: RecordChange, field: Field) -> object:
    """Return what a record holds from now on, whether that changes or not."""
    if field.key in change.after:
        return change.after[field.key]
    return held(field, work.rows[change.entity, change.id][field.column])


def _is_wrong(work: Work, setting: Setting, changes: Sequence[RecordChange]) -> bool:
    """Return whether a rule refuses one of the records as it is now."""
    entity, keys = setting.entity, frozenset(setting.formulas)
    checks = checks_at(work.ctx.compiled, entity, keys)
    if not checks:
        return False

    def make() -> Select[Any]:
        row = work.ctx.compiled.tables.of(entity.key).alias("q")
        source = RowSource.over(work.ctx.compiled, entity.key, row)
        refused = or_(*(is_met(check, source) for check in checks))
        found = select(row.c.id).select_from(source.joins.clause())
        return found.where(row.c.id == any_(IDS), refused).limit(1)

    ids = [each.id for each in changes]
    return bool(work.run(("set checks", entity.key, keys), make, ids=ids))


def _statement(work: Work, entity: Entity, keys: Sequence[str]) -> TextClause:
    table, names = work.ctx.compiled.tables.of(entity.key), [f"v{at}" for at in range(len(keys))]
    columns = [table.c[entity.fields[key].column] for key in keys]
    kinds = [_kind(work, column.type) for column in columns]
    given = (f"CAST(:{name} AS {kind}[])" for name, kind in zip(names, kinds, strict=True))
    written = {column.name: f"g.{name}" for column, name in zip(columns, names, strict=True)}
    stamps: Mapping[str, str] = {"updated_at": ":now", "updated_by": ":actor"}
    written |= {entity.fields[key].column: value for key, value in stamps.items()}
    sets = ", ".join(f"{quoted(name)} = {value}" for name, value in written.items())
    return text_of_ours(
        f"UPDATE {STAND_IN}.{quoted(entity.table)} t SET {sets},"  # noqa: S608 - model names
        f" sys_version = t.sys_version + 1 FROM unnest(CAST(:ids AS uuid[]), {', '.join(given)})"
        f" AS g(id, {', '.join(names)}) WHERE t.id = g.id"
    )


def _kind(work: Work, type_: TypeEngine[Any]) -> str:
    """Return what PostgreSQL calls a type, the order of texts left aside."""
    return type_.compile(work.connection.dialect).partition(" COLLATE")[0]
