"""How each kind of value is compared with in a filter: plain words, and the formula they mean.

A comparison is one formula with places left open: `{field}`, `{path}` (how a formula reads the
text of a link's target), `{title}` (its title field) and `{value}`. The browser fills them to
write a condition; the same text, parsed, recognises the condition again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Literal as OneOf

from formula import parse
from formula.errors import FormulaError
from formula.syntax import Expr, Invoke, ListOf, Literal, Name, children, with_children
from ui.widgets import FilterKind

Takes = OneOf[
    "nothing", "text", "number", "percent", "date", "time", "days", "option", "options"
]  # fmt: skip
"""What has to be entered beside a comparison."""

OPEN = "value_to_compare"
"""The name that stands for the value while a comparison is recognised."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison: its code, its word in English, what it takes, the formula it means."""

    code: str
    word: str
    formula: str
    takes: Takes = "nothing"

    def about(self, *, field: str, path: str, title: str) -> Comparison:
        """Return this comparison about one field; its value stays open."""
        places = {"field": field, "path": path, "title": title, "value": "{value}"}
        return Comparison(self.code, self.word, self.formula.format(**places), self.takes)


BLANK = Comparison("blank", "is blank", "ISBLANK({field})")
FILLED = Comparison("filled", "is filled", "not ISBLANK({field})")
PRESENCE = (FILLED, BLANK)
NONE_OF_THEM = Comparison("blank", "is blank", "COUNT({field}) == 0")
SOME_OF_THEM = Comparison("filled", "is filled", "COUNT({field}) > 0")


def _measures(takes: Takes) -> tuple[Comparison, ...]:
    signs = (("==", "="), ("!=", "≠"), (">", ">"), (">=", "≥"), ("<", "<"), ("<=", "≤"))
    return tuple(
        Comparison(sign, word, f"{{field}} {sign} {{value}}", takes) for sign, word in signs
    )


def _ordered(value: str, takes: Takes) -> tuple[Comparison, ...]:
    signs = ((">=", "≥"), ("<=", "≤"), (">", ">"), ("<", "<"))
    return tuple(Comparison(sign, word, f"{{field}} {sign} {value}", takes) for sign, word in signs)


def _parts(part: str) -> tuple[Comparison, ...]:
    """Return whether a value of several parts is there, by the part that it never lacks."""
    return (
        Comparison("filled", "is filled", f"not ISBLANK({{field}}.{part})"),
        Comparison("blank", "is blank", f"ISBLANK({{field}}.{part})"),
    )


def _this(unit: str, word: str) -> Comparison:
    formula = f'STARTOF({{field}}, "{unit}") == STARTOF(TODAY(), "{unit}")'
    return Comparison(f"this_{unit}", word, formula)


def _other(which: str, unit: str, by: int, word: str) -> Comparison:
    then = f'STARTOF(DATEADD(TODAY(), {by}, "{unit}"), "{unit}")'
    return Comparison(f"{which}_{unit}", word, f'STARTOF({{field}}, "{unit}") == {then}')


COMPARISONS: Mapping[FilterKind, tuple[Comparison, ...]] = MappingProxyType(
    {
        "none": (),
        "presence": PRESENCE,
        "text": (
            Comparison("contains", "contains", "CONTAINS({field}, {value})", "text"),
            Comparison("lacks", "does not contain", "not CONTAINS({field}, {value})", "text"),
            Comparison("==", "is", "{field} == {value}", "text"),
            Comparison("!=", "is not", "{field} != {value}", "text"),
            Comparison("starts", "starts with", "STARTSWITH({field}, {value})", "text"),
            BLANK,
            FILLED,
        ),
        "number": (*_measures("number"), BLANK, FILLED),
        "percent": (*_measures("percent"), BLANK, FILLED),
        "date": (
            Comparison(">=", "from", "{field} >= {value}", "date"),
            Comparison("<=", "until", "{field} <= {value}", "date"),
            Comparison("==", "on", "{field} == {value}", "date"),
            Comparison("today", "is today", "{field} == TODAY()"),
            Comparison("yesterday", "was yesterday", '{field} == DATEADD(TODAY(), -1, "day")'),
            Comparison("tomorrow", "is tomorrow", '{field} == DATEADD(TODAY(), 1, "day")'),
            _this("week", "this week"),
            _this("month", "this month"),
            _this("quarter", "this quarter"),
            _this("year", "this year"),
            _other("last", "week", -1, "last week"),
            _other("last", "month", -1, "last month"),
            _other("last", "quarter", -1, "last quarter"),
            _other("last", "year", -1, "last year"),
            _other("next", "week", 1, "next week"),
            _other("next", "month", 1, "next month"),
            Comparison("past", "in the past", "{field} < TODAY()"),
            Comparison("future", "in the future", "{field} > TODAY()"),
            Comparison(
                "last_days",
                "in the last … days",
                'BETWEEN({field}, DATEADD(TODAY(), -{value}, "day"), TODAY())',
                "days",
            ),
            Comparison(
                "next_days",
                "in the next … days",
                'BETWEEN({field}, TODAY(), DATEADD(TODAY(), {value}, "day"))',
                "days",
            ),
            BLANK,
            FILLED,
        ),
        "instant": (
            Comparison("from", "from", "{field} >= DATETIME({value}, 0, 0)", "date"),
            Comparison(
                "until",
                "until",
                '{field} < DATETIME(DATEADD({value}, 1, "day"), 0, 0)',
                "date",
            ),
            Comparison("on", "on", "DATE({field}) == {value}", "date"),
            Comparison("today", "is today", "DATE({field}) == TODAY()"),
            Comparison(
                "this_week",
                "this week",
                'STARTOF(DATE({field}), "week") == STARTOF(TODAY(), "week")',
            ),
            Comparison(
                "this_month",
                "this month",
                'STARTOF(DATE({field}), "month") == STARTOF(TODAY(), "month")',
            ),
            Comparison(
                "last_days",
                "in the last … days",
                '{field} >= DATETIME(DATEADD(TODAY(), -{value}, "day"), 0, 0)',
                "days",
            ),
            Comparison("past", "in the past", "{field} < NOW()"),
            BLANK,
            FILLED,
        ),
        "time": (*_ordered("{value}", "time"), BLANK, FILLED),
        "duration": (*_ordered("DURATION({value})", "number"), BLANK, FILLED),
        "place": (*_parts("lat"),),
        "address": (
            Comparison("city", "the city contains", "CONTAINS({field}.city, {value})", "text"),
            Comparison(
                "region", "the province contains", "CONTAINS({field}.region, {value})", "text"
            ),
            *_parts("city"),
        ),
        "period": (
            Comparison(
                "running",
                "is running today",
                "{field}.start <= TODAY() and {field}.end >= TODAY()",
            ),
            Comparison("starts", "starts from", "{field}.start >= {value}", "date"),
            Comparison("ends", "ends by", "{field}.end <= {value}", "date"),
            Comparison("over", "is over", "{field}.end < TODAY()"),
            *_parts("start"),
        ),
        "choice": (
            Comparison("in", "is any of", "{field} in {value}", "options"),
            Comparison("not in", "is none of", "{field} not in {value}", "options"),
            Comparison("==", "is", "{field} == {value}", "option"),
            Comparison("!=", "is not", "{field} != {value}", "option"),
            BLANK,
            FILLED,
        ),
        "choices": (
            Comparison("has", "includes", "{value} in {field}", "option"),
            Comparison("lacks", "does not include", "{value} not in {field}", "option"),
            BLANK,
            FILLED,
        ),
        "words": (
            Comparison("has", "includes", "{value} in {field}", "text"),
            Comparison("lacks", "does not include", "{value} not in {field}", "text"),
            BLANK,
            FILLED,
        ),
        "boolean": (
            Comparison("true", "yes", "{field}"),
            Comparison("false", "no", "not {field}"),
        ),
        "record": (
            Comparison("contains", "contains", "CONTAINS({path}, {value})", "text"),
            Comparison("me", "is me", "{field} == user.id"),
            Comparison("mine", "is my department", "{field} == user.department"),
            Comparison("below", "is my department or below", "{field} in user.departments"),
            Comparison("team", "is my team", "{field} in user.team"),
            Comparison("colleague", "is in my department", "{field}.department == user.department"),
            Comparison(
                "report",
                "is in my department or below it",
                "{field}.department in user.departments",
            ),
            BLANK,
            FILLED,
        ),
        "records": (
            Comparison("any", "any contains", "ANY({field}, CONTAINS({title}, {value}))", "text"),
            Comparison(
                "none", "none contains", "not ANY({field}, CONTAINS({title}, {value}))", "text"
            ),
            Comparison("me", "include me", "ANY({field}, id == user.id)"),
            SOME_OF_THEM,
            NONE_OF_THEM,
        ),
    }
)
"""Comparisons offered for each kind of value; each only where its formula says something."""


def value_in(comparison: Comparison, expr: Expr) -> str | None:
    """Return the value of a condition that this comparison wrote, "" for one without.

    None where the condition is another one.
    """
    template = _template(comparison.formula)
    found: list[Expr] = []
    if template is None or not _same(template, expr, found):
        return None
    if not found:
        return ""
    return _entered(found[0], comparison.takes)


@lru_cache(maxsize=2048)
def _template(formula: str) -> Expr | None:
    try:
        return parse(formula.format(value=OPEN))
    except FormulaError:
        return None


def _same(template: Expr, expr: Expr, found: list[Expr]) -> bool:
    """Return whether an expression is the template's, with its value put into `found`."""
    if isinstance(template, Name) and template.path == (OPEN,):
        found.append(expr)
        return True
    mine, theirs = children(template), children(expr)
    if type(template) is not type(expr) or len(mine) != len(theirs):
        return False
    if with_children(expr, mine) != template:
        return False
    return all(_same(one, other, found) for one, other in zip(mine, theirs, strict=True))


def _entered(expr: Expr, takes: Takes) -> str | None:
    """Return a value as an input holds it, None for one that no input can hold."""
    match expr:
        case Literal(value=value, kind="percent") if takes == "percent":
            return format((value * 100).normalize(), "f")  # type: ignore[operator, union-attr]
        case Literal(value=value, kind="number") if takes in ("number", "days"):
            return str(value)
        case Literal(value=str() as text, kind="text") if takes in ("text", "option", "time"):
            return text
        case Invoke("DATE", (Literal(value=year), Literal(value=month), Literal(value=day))):
            return f"{year:04}-{month:02}-{day:02}" if takes == "date" else None
        case ListOf(items=items) if takes == "options":
            texts = [_entered(item, "option") for item in items]
            return None if None in texts else "\n".join(text or "" for text in texts)
        case _:
            return None
