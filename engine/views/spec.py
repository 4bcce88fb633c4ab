"""What a view says, as texts that a browser and a table hold: columns, filter, order and more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from types import MappingProxyType
from typing import Any

from engine.errors import FieldError, RecordRefused

MOST_COLUMNS = 40
"""Columns that a list shows at once."""

MOST_GROUPS = 3
"""Fields that a list is grouped by at once."""

MOST_COLORS = 12

LONGEST_FORMULA = 10_000

LONGEST_NAME = 200

WIDEST = 1200
"""Pixels that a column may take."""

NARROWEST = 48

TOTALS = frozenset({"", "sum", "avg", "min", "max", "count"})

HEIGHTS = frozenset({"", "line", "tall", "taller"})
"""How high rows are; blank: as in the view below, a line else."""


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """One column: the path it shows, under which heading, how wide in pixels (0: by itself)."""

    path: str
    label: str = ""
    width: int = 0
    total: str = ""


@dataclass(frozen=True, slots=True)
class ColorSpec:
    """A colour by its name, for the rows for which a formula holds."""

    when: str
    color: str


@dataclass(frozen=True, slots=True)
class ViewSpec:
    """A view in texts; whatever is None or blank is as in the view that it stands over.

    `frozen` columns stay while the others are scrolled. `options` are those of other kinds of
    view, by name.
    """

    columns: tuple[ColumnSpec, ...] = ()
    filter: str | None = None
    sort: str | None = None
    group: tuple[str, ...] | None = None
    colors: tuple[ColorSpec, ...] | None = None
    height: str = ""
    frozen: int | None = None
    options: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    def over(self, below: ViewSpec) -> ViewSpec:
        """Return this spec where it says something, and else the one below it."""
        return ViewSpec(
            columns=self.columns or below.columns,
            filter=below.filter if self.filter is None else self.filter,
            sort=below.sort if self.sort is None else self.sort,
            group=below.group if self.group is None else self.group,
            colors=below.colors if self.colors is None else self.colors,
            height=self.height or below.height,
            frozen=below.frozen if self.frozen is None else self.frozen,
            options={**below.options, **self.options},
        )

    def to_json(self) -> dict[str, Any]:
        """Return the spec as JSON keeps it; what says nothing is left out."""
        facts = asdict(replace(self, options={})) | {"options": dict(self.options)}
        return {name: value for name, value in facts.items() if value not in (None, {})}


def spec_of(document: Any) -> ViewSpec:  # Any: JSON of every shape
    """Return the spec that a JSON object says; raise `RecordRefused` with all that is wrong."""
    if not isinstance(document, Mapping):
        raise RecordRefused([FieldError("object_expected", ("spec",))])
    reader = _Reader()
    found = ViewSpec(
        columns=reader.columns(document.get("columns")),
        filter=reader.text(document, "filter", LONGEST_FORMULA),
        sort=reader.text(document, "sort", LONGEST_FORMULA),
        group=reader.names(document, "group", MOST_GROUPS),
        colors=reader.colors(document.get("colors")),
        height=reader.one_of("height", document.get("height") or "", HEIGHTS),
        frozen=reader.whole(("frozen",), document.get("frozen"), 0, MOST_COLUMNS),
        options=reader.options(document.get("options")),
    )
    if reader.errors:
        raise RecordRefused(reader.errors)
    return found


class _Reader:
    """Reads the parts of a spec and gathers what is wrong with them."""

    def __init__(self) -> None:
        self.errors: list[FieldError] = []

    def text(self, document: Mapping[str, Any], name: str, longest: int) -> str | None:
        value = document.get(name)
        return None if value is None else self._text((name,), value, longest)

    def names(self, document: Mapping[str, Any], name: str, most: int) -> tuple[str, ...] | None:
        value = document.get(name)
        if value is None:
            return None
        items = self._items((name,), value, most)
        return tuple(self._text((name, at), each, LONGEST_NAME) for at, each in enumerate(items))

    def columns(self, value: Any) -> tuple[ColumnSpec, ...]:
        found: dict[str, ColumnSpec] = {}
        for at, each in enumerate(self._items(("columns",), value or [], MOST_COLUMNS)):
            where = ("columns", at)
            item = each if isinstance(each, Mapping) else {"path": each}
            made = ColumnSpec(
                path=self._text((*where, "path"), item.get("path"), LONGEST_NAME),
                label=self._text((*where, "label"), item.get("label") or "", LONGEST_NAME).strip(),
                width=self.whole((*where, "width"), item.get("width") or 0, 0, WIDEST) or 0,
                total=self.one_of("total", item.get("total") or "", TOTALS, where),
            )
            found.setdefault(made.path, made)
        return tuple(each for each in found.values() if each.path)

    def colors(self, value: Any) -> tuple[ColorSpec, ...] | None:
        if value is None:
            return None
        found = []
        for at, each in enumerate(self._items(("colors",), value, MOST_COLORS)):
            item = each if isinstance(each, Mapping) else {}
            when = self._text(("colors", at, "when"), item.get("when"), LONGEST_FORMULA)
            color = self._text(("colors", at, "color"), item.get("color"), LONGEST_NAME)
            found.append(ColorSpec(when, color))
        return tuple(each for each in found if each.when.strip())

    def options(self, value: Any) -> Mapping[str, Any]:
        return dict(value) if isinstance(value, Mapping) else {}

    def one_of(
        self, name: str, value: Any, known: frozenset[str], where: tuple[str | int, ...] = ()
    ) -> str:
        if isinstance(value, str) and value in known:
            return value
        said = {"value": str(value), "known": ", ".join(sorted(filter(None, known)))}
        self.errors.append(FieldError("unknown_choice", (*where, name), said))
        return ""

    def whole(self, where: tuple[str | int, ...], value: Any, least: int, most: int) -> int | None:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            self.errors.append(FieldError("invalid_integer", where, {"value": str(value)}))
            return None
        return max(least, min(value, most))

    def _items(self, where: tuple[str | int, ...], value: Any, most: int) -> Sequence[Any]:
        if not isinstance(value, list | tuple):
            self.errors.append(FieldError("invalid_list", where))
            return ()
        return value[:most]

    def _text(self, where: tuple[str | int, ...], value: Any, longest: int) -> str:
        if not isinstance(value, str):
            self.errors.append(FieldError("invalid_text", where, {"value": str(value)[:40]}))
            return ""
        if "\0" in value:
            self.errors.append(FieldError("invalid_characters", where))
            return ""
        if len(value) > longest:
            said = {"length": len(value), "max": longest}
            self.errors.append(FieldError("too_long", where, said))
        return value
