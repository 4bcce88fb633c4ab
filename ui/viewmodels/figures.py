"""Where a computed value comes from: its formula in words, what it read, and what last moved it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from engine.access.fields import may_read
from engine.errors import NotFound
from engine.query.moved import Moved
from engine.query.spec import LinkValue, ListQuery, Record
from engine.query.why import Part, aggregates_of, is_figure
from formula import parse
from formula.dependencies import inside
from formula.printer import print_formula
from formula.scope import FieldBinding
from formula.typed import Aggregate, Node, Read
from metamodel.label import Label
from metamodel.model import Entity, Field
from metamodel.views import FieldPath
from ui.screen import Screen
from ui.viewmodels.cells import BLANK, Cell, cell, path_cell, path_label
from ui.viewmodels.conditions import linked_to, one_of
from ui.viewmodels.history import DONE, DOORS, read_kept

LISTED = 20
"""Records of a part that are shown with their values."""

FUNCTIONS: Mapping[str, Mapping[str, str]] = {
    "zh": {
        "SUM": "合计", "COUNT": "计数", "COUNTDISTINCT": "不重复计数", "AVG": "平均", "MIN": "最小",
        "MAX": "最大", "ROUND": "四舍五入", "IF": "如果", "IFS": "按条件", "COALESCE": "首个非空",
        "TODAY": "今天", "NOW": "现在", "ISBLANK": "为空", "ANY": "任一", "ALL": "全部",
        "FIRST": "首条", "LAST": "末条", "DATEDIFF": "日期差", "TEXT": "文本", "ABS": "绝对值",
    },
}  # fmt: skip
"""What functions are called where formulas are read rather than written."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One value that a formula read; blank where the person may not read it."""

    label: str
    cell: Cell
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class MemberLine:
    """A record that counts, and what it counts with."""

    title: str
    url: str
    cell: Cell


@dataclass(frozen=True, slots=True)
class MemberList:
    """The records that one part went over, as far as the person may see them."""

    label: str
    lines: tuple[MemberLine, ...]
    count: str
    others: bool
    all_url: str


@dataclass(frozen=True, slots=True)
class MovedView:
    """What last moved a value: a sentence, its time, before and after, and the records behind."""

    sentence: str
    at: str
    before: Cell
    after: Cell
    causes: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class FigureDialog:
    """Why a value is what it is."""

    heading: str
    cell: Cell
    formula: str
    pieces: tuple[Piece, ...]
    parts: tuple[MemberList, ...]
    moved: MovedView | None


def figure_dialog(screen: Screen, entity: Entity, record: Record, name: str) -> FigureDialog:
    """Return where a record's computed value comes from; `NotFound` for a field not to be read."""
    field = entity.field_named(name)
    if field is None or field.formula is None or field.key not in record.values:
        raise NotFound(field=name)
    figures = screen.services.figures
    moved = figures.moved(screen.ctx, entity.key, record.id, name)
    parts = figures.why(screen.ctx, entity.key, record.id, name) if is_figure(field) else ()
    aggregates = list(aggregates_of(field))
    return FigureDialog(
        heading=screen.field_label(field),
        cell=cell(screen, field, record.values[field.key]),
        formula=in_words(screen, entity, field.formula.text),
        pieces=tuple(_pieces(screen, entity, record, field.formula.node)),
        parts=tuple(
            _members(screen, entity, record, part, node)
            for part, node in zip(parts, aggregates, strict=False)
        ),
        moved=_moved(screen, field, moved) if moved is not None else None,
    )


def in_words(screen: Screen, entity: Entity, text: str) -> str:
    """Return a formula with the names that people know."""
    around = [entity, *_member_entities(screen, entity)]

    def label_of(path: tuple[str, ...]) -> tuple[str, ...]:
        for each in around:
            found = _labels(screen, each, path)
            if found is not None:
                return found
        return path

    written = print_formula(parse(text), label_of)
    words = FUNCTIONS.get(screen.language, {})
    return re.sub(r"\b[A-Z]+(?=\()", lambda found: words.get(found[0], found[0]), written)


def _member_entities(screen: Screen, entity: Entity) -> Iterator[Entity]:
    for collection in entity.collections.values():
        yield screen.ctx.model.entities[collection.entity]


def _labels(screen: Screen, entity: Entity, path: Sequence[str]) -> tuple[str, ...] | None:
    """Return a path as people read it, None where it does not begin at this entity."""
    model, here, found = screen.ctx.model, entity, []
    for part in path:
        field = here.field_named(part)
        if field is not None:
            found.append(screen.field_label(field))
            if field.link is not None and len(field.link.to) == 1:
                here = model.entities[field.link.to[0]]
            continue
        collection = here.collections.get(part)
        if collection is None:
            return None
        here = model.entities[collection.entity]
        found.append(screen.label(collection.label) or screen.entity_label(here, plural=True))
    return tuple(found)


def _reads(node: Node) -> Iterator[FieldBinding]:
    """Yield what a formula reads of its record and behind its links, members left out."""
    if isinstance(node, Aggregate):
        return
    binding = node.binding if isinstance(node, Read) else None
    if isinstance(binding, FieldBinding) and binding.root == "record" and binding.steps:
        yield binding
    for each in inside(node):
        yield from _reads(each)


def _pieces(screen: Screen, entity: Entity, record: Record, node: Node) -> Iterator[Piece]:
    read = {".".join(each.path): each for each in _reads(node)}
    paths = {text: FieldPath(text, binding) for text, binding in read.items()}
    open_ = {
        text: path
        for text, path in paths.items()
        if all(may_read(screen.ctx, step) for step in read[text].steps)
    }
    values: Mapping[str, object] = {}
    if open_:
        here = linked_to(screen, entity.key, "id", record.id)
        page = screen.services.reader.find(
            screen.ctx,
            ListQuery(entity.key, filter=here, paths=tuple(open_.values()), limit=1),
        )
        values = page.rows[0].values if page.rows else {}
    for text, path in paths.items():
        label = path_label(screen, path, Label())
        if text in open_:
            yield Piece(label, path_cell(screen, path, values.get(text)))
        else:
            yield Piece(label, BLANK, hidden=True)


def _members(
    screen: Screen, entity: Entity, record: Record, part: Part, node: Aggregate
) -> MemberList:
    member = screen.ctx.model.entities[part.entity]
    shown = part.records[:LISTED]
    values = _values_of(screen, member, shown, node)
    own = member.child_of is None and not member.system
    count = f"{len(part.records)}{'+' if part.more else ''}"
    return MemberList(
        label=screen.entity_label(member, plural=True),
        lines=tuple(
            MemberLine(
                each.title or "•••",
                screen.record_url(member.name, each.id) if own else "",
                values.get(each.id, BLANK),
            )
            for each in shown
        ),
        count=count,
        others=part.others,
        all_url=_all_url(screen, member, record, node) if own else "",
    )


def _values_of(
    screen: Screen, member: Entity, shown: Sequence[LinkValue], node: Aggregate
) -> Mapping[UUID, Cell]:
    """Return what records count with, where that is one of their own values."""
    value = node.value
    if not shown or not isinstance(value, Read) or not isinstance(value.binding, FieldBinding):
        return {}
    binding = value.binding
    if len(binding.steps) != 1 or binding.steps[0].entity != member.key:
        return {}
    field = member.fields[binding.steps[0].field]
    if not may_read(screen.ctx, binding.steps[0]):
        return {}
    path = FieldPath(field.name, FieldBinding((field.name,), binding.type, binding.steps))
    wanted = one_of(screen, member.key, [each.id for each in shown])
    page = screen.services.reader.find(
        screen.ctx, ListQuery(member.key, filter=wanted, paths=(path,), limit=len(shown))
    )
    return {row.id: path_cell(screen, path, row.values.get(field.name)) for row in page.rows}


def _all_url(screen: Screen, member: Entity, record: Record, node: Aggregate) -> str:
    """Return the list of everything that a part went over, without its condition."""
    collection = node.collection
    if collection is None or collection.links:
        return ""
    via = member.fields.get(collection.via.field)
    return screen.url("records", member.name, of=f"{via.name}:{record.id}") if via else ""


def _moved(screen: Screen, field: Field, moved: Moved) -> MovedView:
    say = screen.words.say
    who = moved.by.title if moved.by is not None and moved.by.title else say("The system")
    door = say(DOORS[moved.door]) if moved.door in DOORS else ""
    return MovedView(
        sentence=f"{who} {door}".strip(),
        at=screen.formats.instant(moved.at),
        before=_kept(screen, field, moved.before),
        after=_kept(screen, field, moved.after),
        causes=tuple(
            (
                say(DONE.get(each.operation, "changed it")),
                f"{screen.entity_label(screen.ctx.model.entities[each.entity])} "
                f"{each.record.title or ''}".strip(),
                _page_of(screen, each.entity, each.record.id),
            )
            for each in moved.causes
        ),
    )


def _page_of(screen: Screen, entity: str, record: UUID) -> str:
    kind = screen.ctx.model.entities[entity]
    return "" if kind.child_of is not None else screen.record_url(kind.name, record)


def _kept(screen: Screen, field: Field, kept: object) -> Cell:
    value = None if kept is None else read_kept(field, kept)
    return BLANK if value is None else cell(screen, field, value)
