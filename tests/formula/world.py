"""A small world for formulas: deals with a customer and lines, in memory, in SQL and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Date,
    DateTime,
    Integer,
    Interval,
    MetaData,
    Numeric,
    Table,
    Text,
    Time,
    Uuid,
    bindparam,
    case,
    literal,
    select,
)

from formula.backends.contract import Moment
from formula.calendars import Calendar
from formula.scope import (
    Binding,
    CollectionBinding,
    EntityBinding,
    FieldBinding,
    Path,
    Step,
    TableBinding,
)
from formula.types import (
    BooleanType,
    ChoiceType,
    DateTimeType,
    DateType,
    DurationType,
    ListType,
    NumberType,
    PercentType,
    RecordType,
    TextType,
    TimeType,
    ValueType,
)
from tests.formula.fixed import CALENDARS, KIND_LABELS

KIND = ChoiceType(("machine", "parts", "service"))
STAGE = ChoiceType(("qualify", "proposal", "won", "lost"))

FIELDS: dict[str, dict[str, ValueType]] = {
    "deal": {
        "id": RecordType(("deal",)),
        "amount": NumberType(16, 2),
        "cost": NumberType(16, 4),
        "quantity": NumberType(9, 0),
        "discount": PercentType(4, 4),
        "name": TextType(),
        "note": TextType(),
        "kind": KIND,
        "stage": STAGE,
        "active": BooleanType(),
        "start": DateType(),
        "due": DateType(),
        "called_at": DateTimeType(),
        "signed_at": DateTimeType(),
        "spent": DurationType(),
        "opens": TimeType(),
        "tags": ListType(TextType()),
        "customer": RecordType(("customer",)),
        "owner": RecordType(("person",)),
        "lead": RecordType(("lead",)),
    },
    "customer": {
        "id": RecordType(("customer",)),
        "name": TextType(),
        "level": NumberType(4, 0),
        "vip": BooleanType(),
        "kind": KIND,
        "since": DateType(),
    },
    "line": {
        "id": RecordType(("line",)),
        "deal": RecordType(("deal",)),
        "amount": NumberType(16, 2),
        "quantity": NumberType(9, 0),
        "name": TextType(),
        "kind": KIND,
        "free": BooleanType(),
        "due": DateType(),
    },
    "person": {
        "id": RecordType(("person",)),
        "team": RecordType(("team",)),
        "manager": RecordType(("person",)),
    },
}
LINKS = {
    ("deal", "customer"): "customer",
    ("line", "deal"): "deal",
    ("deal", "owner"): "person",
    ("person", "manager"): "person",
}
COLLECTIONS = {("deal", "lines"): ("line", "deal"), ("customer", "deals"): ("deal", "customer")}
LABELS = {"金额": "amount", "名称": "name", "客户": "customer", "明细": "lines", "类型": "kind"}
OUTSIDE: dict[Path, ValueType] = {
    ("user", "id"): RecordType(("person",)),
    ("user", "team"): RecordType(("team",)),
    ("user", "roles"): ListType(TextType()),
    ("user", "language"): TextType(),
    ("setting", "max_discount"): PercentType(4, 4),
    ("input", "reason"): TextType(),
}
PROBABILITY = {
    "qualify": Decimal("0.2"),
    "proposal": Decimal("0.5"),
    "won": Decimal(1),
    "lost": Decimal(0),
}
ENDS = {"won": "won", "lost": "lost"}

MOMENT = Moment(datetime(2024, 5, 17, 8, 30, tzinfo=UTC), date(2024, 5, 17), "Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class EntityScope:
    """What names mean on one entity of the little world."""

    entity: str
    steps: tuple[Step, ...] = ()

    def lookup(self, path: Path) -> Binding | None:
        if path in OUTSIDE:
            return FieldBinding(path, OUTSIDE[path], root=path[0])  # type: ignore[arg-type]
        if path[0] in ("previous", "this") and len(path) > 1:
            found = self.lookup(path[1:])
            if isinstance(found, FieldBinding):
                root: Any = path[0]
                return FieldBinding(path, found.type, found.steps, root)
            return None
        return self._walk(path, path, self.entity, ())

    def _walk(
        self, whole: Path, path: Path, entity: str, steps: tuple[Step, ...]
    ) -> Binding | None:
        name, rest = path[0], path[1:]
        if (entity, name) in COLLECTIONS:
            return self._collection(whole, rest, entity, name, steps)
        kind = FIELDS[entity].get(name)
        if kind is None:
            return None
        here = (*steps, Step(entity, name))
        base = FieldBinding(whole, kind, here)
        if not rest:
            return base
        if name == "stage":
            base = FieldBinding(whole[:-1], kind, here)
            tables: dict[str, tuple[ValueType, Mapping[str, object]]] = {
                "probability": (PercentType(1, 4), PROBABILITY),
                "ends": (ChoiceType(("won", "lost")), ENDS),
            }
            if rest[0] in tables:
                return TableBinding(whole, tables[rest[0]][0], base, tables[rest[0]][1])
            return None
        if rest == ("entity",) and name == "lead":
            return EntityBinding(whole, ChoiceType(("lead",)), FieldBinding((name,), kind, here))
        target = LINKS.get((entity, name))
        return None if target is None else self._walk(whole, rest, target, here)

    def _collection(
        self, whole: Path, rest: Path, entity: str, name: str, steps: tuple[Step, ...]
    ) -> Binding | None:
        member, back = COLLECTIONS[(entity, name)]
        scope = EntityScope(member)
        inner = scope.lookup(rest) if rest else None
        if rest and (inner is None or isinstance(inner, CollectionBinding)):
            return None
        path = whole[: len(whole) - len(rest)]
        return CollectionBinding(path, member, Step(member, back), scope, steps, inner)

    def suggestions(self, path: Path) -> tuple[str, ...]:
        if len(path) > 1 and (self.entity, path[0]) in COLLECTIONS:
            member = COLLECTIONS[(self.entity, path[0])][0]
            return tuple(f"{path[0]}.{name}" for name in FIELDS[member])
        names = (
            *FIELDS[self.entity],
            *(name for entity, name in COLLECTIONS if entity == self.entity),
        )
        return names + tuple(".".join(outside) for outside in OUTSIDE)

    def calendars(self) -> Mapping[str, Calendar]:
        return CALENDARS

    def labels(self, binding: FieldBinding) -> Mapping[str, Mapping[str, str]]:
        if binding.steps[-1].field == "kind":
            return KIND_LABELS
        return {"": {code: code.capitalize() for code in STAGE.codes}}

    def name_of(self, label: Path) -> Path | None:
        if not any(part in LABELS for part in label):
            return None
        return tuple(LABELS.get(part, part) for part in label)


DEAL = EntityScope("deal")

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class World:
    """Rows by entity, each a mapping from field to value; what is missing is blank."""

    rows: Mapping[str, Sequence[Record]]
    outside: Mapping[Path, Any] = field(default_factory=dict)
    moment: Moment = MOMENT

    def find(self, entity: str, identity: object) -> Record | None:
        return next((row for row in self.rows.get(entity, ()) if row["id"] == identity), None)

    def of(self, entity: str, identity: UUID) -> MemoryValues:
        record = self.find(entity, identity)
        assert record is not None
        return MemoryValues(self, entity, record)


@dataclass(frozen=True, slots=True)
class MemoryValues:
    """One record of the world as the Python back end reads it."""

    world: World
    entity: str
    record: Record

    @property
    def moment(self) -> Moment:
        return self.world.moment

    def read(self, binding: FieldBinding) -> object:
        if binding.root in ("user", "setting", "input"):
            return self.world.outside.get(binding.path)
        record: Record | None = self.record
        for step in binding.steps[:-1]:
            target = LINKS[(step.entity, step.field)]
            record = None if record is None else self.world.find(target, record.get(step.field))
        return None if record is None else record.get(binding.steps[-1].field)

    def rows(self, collection: CollectionBinding) -> Sequence[MemoryValues]:
        owner: object = self.record["id"]
        if collection.links:
            last = collection.links[-1]
            path = FieldBinding((), RecordType(()), collection.links)
            owner = self.read(path)
            assert last
        back = collection.via
        return [
            MemoryValues(self.world, collection.entity, row)
            for row in self.world.rows.get(back.entity, ())
            if owner is not None and row.get(back.field) == owner
        ]

    def entity_of(self, binding: FieldBinding) -> str | None:
        return None if self.read(binding) is None else binding.steps[-1].field


def _column_type(kind: ValueType) -> Any:
    match kind:
        case NumberType(digits=9) | NumberType(digits=4):
            return BigInteger()
        case NumberType(scale=scale) | PercentType(scale=scale):
            return Numeric(30, scale)
        case BooleanType():
            return Boolean()
        case DateType():
            return Date()
        case DateTimeType():
            return DateTime(timezone=True)
        case DurationType():
            return Interval()
        case TimeType():
            return Time()
        case RecordType():
            return Uuid()
        case ListType():
            return ARRAY(Text())
        case _:
            return Text(collation="C")


METADATA = MetaData()
TABLES = {
    entity: Table(
        f"formula_{entity}",
        METADATA,
        *(Column(name, _column_type(kind)) for name, kind in fields.items()),
    )
    for entity, fields in FIELDS.items()
}


@dataclass(frozen=True, slots=True)
class TableColumns:
    """The rows of one table as the SQL back end reads them, links as scalar sub-selects."""

    entity: str
    table: Any
    world: World

    def field(self, binding: FieldBinding) -> ColumnElement[Any]:
        if binding.root in ("user", "setting", "input"):
            return literal(self.world.outside.get(binding.path), _column_type(binding.type))
        return self._walk(binding.steps, self.table)

    def _walk(self, steps: tuple[Step, ...], table: Any) -> ColumnElement[Any]:
        column = table.c[steps[0].field]
        if len(steps) == 1:
            found: ColumnElement[Any] = column
            return found
        target = TABLES[LINKS[(steps[0].entity, steps[0].field)]].alias()
        inner = self._walk(steps[1:], target)
        return select(inner).where(target.c.id == column).correlate(table).scalar_subquery()

    def entity_of(self, binding: FieldBinding) -> ColumnElement[Any]:
        return case((self.field(binding).is_not(None), binding.steps[-1].field), else_=None)

    def rows(self, collection: CollectionBinding) -> TableRows:
        owner = self.table.c.id
        if collection.links:
            owner = self._walk(collection.links, self.table)
        table = TABLES[collection.entity].alias()
        inner = TableColumns(collection.entity, table, self.world)
        return TableRows(inner, table.c[collection.via.field] == owner, self.table)

    def bind(self, name: Literal["today", "now", "zone"]) -> ColumnElement[Any]:
        moment = self.world.moment
        if name == "today":
            return bindparam("today", moment.today, Date())
        if name == "now":
            return bindparam("now", moment.now, DateTime(timezone=True))
        return bindparam("zone", moment.zone, Text())


@dataclass(frozen=True, slots=True)
class TableRows:
    """The members of a collection as one scalar sub-select."""

    columns: TableColumns
    on: ColumnElement[bool]
    outer: Any

    def aggregate(
        self, value: ColumnElement[Any], where: Sequence[ColumnElement[bool]]
    ) -> ColumnElement[Any]:
        query = select(value).select_from(self.columns.table).where(self.on, *where)
        return query.correlate(self.outer).scalar_subquery()

    def exists(self, where: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
        query = select(self.columns.table.c.id).where(self.on, *where)
        return query.correlate(self.outer).exists()


def as_wire(value: object) -> object:
    """Return a value as it travels to a browser."""
    match value:
        case bool() | None | str():
            return value
        case Decimal() | UUID():
            return str(value)
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return str(Decimal(value // timedelta(microseconds=1)).scaleb(-6))
        case tuple() | list():
            return [as_wire(item) for item in value]
        case _:
            raise TypeError(type(value).__name__)


__all__ = ["DEAL", "Integer", "World"]
