"""Calls of functions while they are checked: arguments filled in, kinds held, own rules served."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from formula.calendars import Calendar
from formula.comparisons import as_date_beside
from formula.conversions import is_numeric, is_textual, name_of_type
from formula.errors import Span
from formula.functions.spec import FunctionSpec, Kind, Parameter
from formula.naming import Names, nearest
from formula.operators import Rules
from formula.scope import CollectionBinding, FieldBinding, Path
from formula.sharing import read_of
from formula.syntax import Invoke, Name
from formula.typed import Constant, Node
from formula.types import (
    BlankType,
    BooleanType,
    DateTimeType,
    DateType,
    ListType,
    NumberType,
    RecordType,
    TextType,
    TimeType,
    ValueType,
)

_KIND_WORDS: dict[Kind, str] = {
    "any": "a value", "number": "a number", "text": "text", "boolean": "true or false",
    "date": "a date", "datetime": "an instant", "when": "a date or an instant",
    "clock": "an instant or a time", "list": "a list",
    "content": "a value or a list",
}  # fmt: skip
_BLANKS: dict[Kind, ValueType] = {
    "number": NumberType(1, 0), "text": TextType(), "date": DateType(), "when": DateType(),
    "datetime": DateTimeType(), "clock": DateTimeType(),
}  # fmt: skip


@dataclass(slots=True)
class CallSite:
    """One call as a function's own rules see it."""

    expr: Invoke
    arguments: tuple[Node, ...]
    names: Names
    rules: Rules
    refused: bool = field(default=False)

    @property
    def span(self) -> Span:
        return self.expr.span

    def refuse(self, code: str, message: str, hint: str = "", *, at: Span | None = None) -> None:
        """Note a problem with the call."""
        self.refused = True
        self.rules.problems.add(code, message, at or self.span, hint)

    def read(self, path: Path) -> Node | None:
        """Return the value that a path means here, or note that it means nothing."""
        binding = self.names.resolve(path, self.span)
        if binding is None or isinstance(binding, CollectionBinding):
            return None
        return read_of(binding, self.span)

    def path_of(self, index: int) -> Path | None:
        """Return the stored path that an argument names, if it is a bare name."""
        if index < len(self.expr.arguments):
            written = self.expr.arguments[index]
            if isinstance(written, Name):
                return self.names.renamed.get(written.span, written.path)
        return None

    def calendar(self, index: int) -> Calendar | None:
        """Return the calendar that an argument names, or the default; or note there is none."""
        known = self.names.scope.calendars()
        given = self.arguments[index] if index < len(self.arguments) else None
        name = str(given.value or "") if isinstance(given, Constant) else ""
        found = known.get(name)
        if found is None:
            wanted = f'there is no calendar "{name}"' if name else "there is no calendar"
            names = tuple(each for each in known if each)
            hint = nearest(name, names) or "write one under `calendars:`"
            self.refuse("unknown_calendar", wanted, hint, at=given.span if given else None)
        return found

    def labels(self, binding: FieldBinding) -> Mapping[str, Mapping[str, str]]:
        """Return what the codes of a choice are called, by language."""
        return self.names.scope.labels(binding)

    def as_date(self, node: Node) -> Node | None:
        """Return quoted text as the day that it spells, or None."""
        day = as_date_beside(node, Constant(None, DateType(), node.span))
        return day if isinstance(day.type, DateType) else None

    def compare(self, operator: str, left: Node, right: Node) -> Node | None:
        """Return a comparison by the language's own rules."""
        return self.rules.compare(operator, left, right, self.span)


def fill_arguments(
    spec: FunctionSpec, nodes: tuple[Node, ...], span: Span, rules: Rules
) -> tuple[Node, ...] | None:
    """Return the arguments with defaults put in, or None where they do not fit the parameters."""
    parameters = spec.parameters
    repeats = bool(parameters) and parameters[-1].repeat
    needed = sum(parameter.default is None and not parameter.optional for parameter in parameters)
    if len(nodes) < needed or (len(nodes) > len(parameters) and not repeats):
        rules.problems.add(
            "wrong_arguments",
            f"{spec.name} takes other arguments than these {len(nodes)}",
            span,
            f"write {spec.signature}",
        )
        return None
    filled: list[Node] = []
    for index in range(max(len(nodes), len(parameters))):
        parameter = parameters[min(index, len(parameters) - 1)]
        if index >= len(nodes):
            if parameter.default is not None:
                filled.append(replace(parameter.default, span=span))
            continue
        fitted = _fitted(spec, parameter, nodes[index], rules)
        if fitted is None:
            return None
        filled.append(fitted)
    return tuple(filled)


def _fitted(spec: FunctionSpec, parameter: Parameter, node: Node, rules: Rules) -> Node | None:
    if isinstance(node.type, BlankType) and parameter.kind in _BLANKS and not parameter.literal:
        return Constant(None, _BLANKS[parameter.kind], node.span)
    node = _as_day(parameter.kind, node)
    written = isinstance(node.type, NumberType | RecordType)
    if parameter.kind == "text" and written and not parameter.literal:
        return rules.as_text(node)
    if not fits(parameter.kind, node.type):
        rules.problems.add(
            "wrong_argument",
            f"{spec.name} expects {_KIND_WORDS[parameter.kind]} as {parameter.name}, "
            f"found {name_of_type(node.type)}",
            node.span,
            f"write {spec.signature}",
        )
        return None
    if parameter.literal and not _is_literal(node, parameter):
        rules.problems.add(
            "not_literal",
            f"{spec.name} needs {parameter.name} written out",
            node.span,
            _spelled(node, parameter),
        )
        return None
    return node


def _as_day(kind: Kind, node: Node) -> Node:
    if kind in ("date", "when", "datetime"):
        target: ValueType = DateTimeType() if kind == "datetime" else DateType()
        return as_date_beside(node, Constant(None, target, node.span))
    return node


def _is_literal(node: Node, parameter: Parameter) -> bool:
    if not isinstance(node, Constant):
        return False
    return not parameter.choices or node.value in parameter.choices


def _spelled(node: Node, parameter: Parameter) -> str:
    if not parameter.choices:
        return "write the value itself, not a field"
    if isinstance(node, Constant):
        return nearest(str(node.value), parameter.choices)
    return "write one of " + ", ".join(f'"{choice}"' for choice in parameter.choices)


def fits(kind: Kind, value: ValueType) -> bool:
    """Say whether a value type may stand where a parameter of `kind` is."""
    match kind:
        case "any":
            return not isinstance(value, ListType)
        case "content":
            return True
        case "number":
            return is_numeric(value)
        case "text":
            return is_textual(value)
        case _:
            return isinstance(value, _KIND_TYPES[kind])


_KIND_TYPES: dict[Kind, tuple[type[ValueType], ...]] = {
    "boolean": (BooleanType,),
    "date": (DateType,),
    "datetime": (DateTimeType,),
    "when": (DateType, DateTimeType),
    "clock": (DateTimeType, TimeType),
    "list": (ListType,),
}
