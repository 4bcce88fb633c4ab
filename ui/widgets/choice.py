"""One or several of a closed set, shown as coloured marks."""

from __future__ import annotations

from collections.abc import Sequence

from metamodel.model import Field, Option
from ui.formats import Formats
from ui.widgets.widget import Widget, as_text, plain


def option_of(field: Field, code: object) -> Option | None:
    """Return the option of a stored code, which is its key or its name."""
    if not isinstance(code, str):
        return None
    found = field.options.get(code)
    return found or next((o for o in field.options.values() if o.name == code), None)


def _show(value: str, field: Field, formats: Formats) -> str:
    option = option_of(field, value)
    return (option.label.text(formats.language) or option.name) if option else value


def _show_many(value: Sequence[str], field: Field, formats: Formats) -> str:
    joint = "、" if formats.language == "zh" else ", "
    return joint.join(_show(code, field, formats) for code in value)


def _enter_many(value: Sequence[str], field: Field) -> str:
    return "\n".join(value)


CHOICE = Widget("choice", "badge", _show, plain, filter="choice")
MULTI_CHOICE = Widget("multi_choice", "badges", _show_many, _enter_many, filter="choices")
TAGS = Widget("tags", "badges", _show_many, _enter_many, filter="words")
COLOR = Widget("color", "color", as_text, plain, filter="presence")
