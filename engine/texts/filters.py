"""The filters that every template may use; each gives no more than a little over what it took."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from types import MappingProxyType
from typing import Any

from jinja2 import Undefined, pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup, escape

from engine.texts.errors import TemplateRefused

MOST_DECIMALS = 10

# Any: filters take values of every type that a template knows.
Filter = Callable[..., Any]


def number(value: Any, decimals: Any = 2) -> str:
    """Return a number with thousands set apart, and so many decimals."""
    places = decimals if isinstance(decimals, int) and 0 <= decimals <= MOST_DECIMALS else 2
    try:
        rounded = Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    except (ArithmeticError, TypeError, ValueError):
        raise TemplateRefused("template_operands", found="| number") from None
    return f"{rounded:,f}"


def day(value: Any) -> str:
    """Return the day of a date or an instant as 2026-03-31."""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    raise TemplateRefused("template_operands", found="| date")


@pass_eval_context
def lines(room: EvalContext, value: Any) -> Any:
    """Return a text whose line breaks are seen in HTML, too."""
    if not room.autoescape:
        return str(value)
    return Markup("<br>").join(escape(line) for line in str(value).splitlines())


@pass_eval_context
def joined(room: EvalContext, value: Any, between: Any = ", ") -> Any:
    """Return the items of a list as one text."""
    shown = escape if room.autoescape else str
    return shown(between).join([shown(each) for each in _items(value)])


def length(value: Any) -> int:
    """Return how many items a list has, or characters a text."""
    return len(value if isinstance(value, str) else _items(value))


def first(value: Any) -> Any:
    """Return the first item of a list, nothing of an empty one."""
    found = _items(value)
    return found[0] if found else None


def last(value: Any) -> Any:
    """Return the last item of a list, nothing of an empty one."""
    found = _items(value)
    return found[-1] if found else None


def default(value: Any, instead: Any = "") -> Any:
    """Return a value, or what stands for one that is missing or empty."""
    return instead if isinstance(value, Undefined) or value in (None, "") else value


def _items(value: Any) -> Sequence[Any]:
    if isinstance(value, tuple | list):
        return value
    raise TemplateRefused("template_operands", found="| …")


FILTERS: Mapping[str, Filter] = MappingProxyType(
    {
        "number": number,
        "date": day,
        "lines": lines,
        "join": joined,
        "length": length,
        "first": first,
        "last": last,
        "default": default,
        "upper": lambda value: str(value).upper(),
        "lower": lambda value: str(value).lower(),
        "trim": lambda value: str(value).strip(),
    }
)
"""By the name that a template knows them by; there is none that keeps a text from being escaped."""
