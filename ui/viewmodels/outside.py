"""Pages for people who do not sign in: public forms, and the way out of mail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from engine.errors import FieldError, RecordRefused
from engine.messages import sentence
from metamodel.model import Field
from metamodel.outward import FormField
from ui.words import Words
from workflow.arriving.asking import scores_of
from workflow.arriving.forms import Opened

KINDS: Mapping[str, str] = {
    "long_text": "textarea", "rich_text": "textarea", "email": "email", "phone": "tel",
    "url": "url", "integer": "number", "decimal": "number", "money": "number",
    "percent": "number", "progress": "number", "rating": "number", "date": "date",
    "datetime": "datetime-local", "time": "time", "boolean": "checkbox", "choice": "select",
    "multi_choice": "many", "color": "color",
}  # fmt: skip
"""How each type of field is asked; every other is a line of text."""

POINTS = frozenset({"percent", "progress"})
"""Types that people enter in hundredths."""

HELD_BACK = frozenset({"duplicate", "possible_duplicate"})
"""Refusals that would tell a stranger what is known already."""

AUTOCOMPLETE: Mapping[str, str] = {"email": "email", "phone": "tel", "url": "url"}


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a public form; `error` says what was wrong with the answer."""

    name: str
    label: str
    help: str
    kind: str
    required: bool
    wide: bool
    value: str
    chosen: tuple[str, ...]
    options: tuple[tuple[str, str], ...]
    longest: int
    suffix: str
    autocomplete: str
    error: str


@dataclass(frozen=True, slots=True)
class PublicFormPage:
    """A public form, or thanks for its answer."""

    language: str
    theme: str
    color: str
    title: str
    help: str
    house: str
    logo: str
    questions: tuple[Question, ...]
    ticket: str
    problem: str
    thanks: str


@dataclass(frozen=True, slots=True)
class LeavingPage:
    """Asks whether an address wants no more mail, or says that it is so."""

    language: str
    theme: str
    title: str
    house: str
    address: str
    key: str
    done: bool
    logo: str = ""
    notice: str = ""
    problem: str = ""


def questions_of(
    opened: Opened, words: Words, sent: Mapping[str, Any], refused: RecordRefused | None
) -> tuple[Question, ...]:
    """Return the questions of a form with what was entered so far. Any: texts, or lists."""
    errors = errors_of(opened, words, refused)
    asked = {each.field: each for each in opened.form.fields}
    return tuple(
        _question(field, asked[field.key], words.language, sent, errors) for field in opened.fields
    )


def errors_of(opened: Opened, words: Words, refused: RecordRefused | None) -> Mapping[str, str]:
    """Return what was wrong with each answer by its name, with the rest under a blank one."""
    known = {each.name for each in opened.fields}
    found: dict[str, str] = {}
    for error in refused.errors if refused is not None else ():
        name = str(error.path[0]) if error.path else ""
        found.setdefault(name if name in known else "", _said(error, words))
    return found


def entered(opened: Opened, form: Mapping[str, list[str]]) -> dict[str, Any]:
    """Return what was sent, as it was typed. Any: a text, or a list of codes."""
    found: dict[str, Any] = {}
    for field in opened.fields:
        values = [each for each in form.get(field.name, []) if each.strip()]
        if values:
            found[field.name] = values if field.type == "multi_choice" else values[0]
    return found


def payload_of(opened: Opened, sent: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was sent as records take it. Any: JSON of every shape."""
    zone = ZoneInfo(opened.ctx.moment.zone)
    kinds = {each.name: each.type for each in opened.fields}
    return {name: _taken(kinds[name], value, zone) for name, value in sent.items()}


def _taken(kind: str, value: Any, zone: ZoneInfo) -> Any:
    if kind == "boolean":
        return True
    if not isinstance(value, str):
        return value
    try:
        if kind in POINTS:
            return str(Decimal(value) / 100)
        if kind in ("integer", "rating"):
            return int(value)
        if kind == "datetime":
            return datetime.fromisoformat(value).replace(tzinfo=zone).isoformat()
        if kind == "tags":
            return [part.strip() for part in value.split(",") if part.strip()]
    except (ValueError, InvalidOperation):
        # What is wrong with it is said by whoever takes it.
        return value
    return value


def _said(error: FieldError, words: Words) -> str:
    if error.code in HELD_BACK:
        return words.say("This cannot be taken as it is. Look it over, or write to us.")
    return sentence(error, words.language)


def _options(field: Field, language: str) -> tuple[tuple[str, str], ...]:
    scores = tuple((str(each), str(each)) for each in scores_of(field))
    return scores or tuple(
        (code, option.label.text(language) or code)
        for code, option in (field.options or {}).items()
        if option.active
    )


def _question(
    field: Field, asked: FormField, language: str, sent: Mapping[str, Any],
    errors: Mapping[str, str],
) -> Question:  # fmt: skip
    value = sent.get(field.name, "")
    return Question(
        name=field.name,
        label=asked.label.text(language) or field.label.text(language) or field.name,
        help=asked.help.text(language) or field.help.text(language),
        kind="scores" if scores_of(field) else KINDS.get(field.type, "text"),
        required=asked.required,
        wide=asked.width > 1 or KINDS.get(field.type) == "textarea",
        value=value if isinstance(value, str) else "",
        chosen=tuple(value) if isinstance(value, list) else (value,),
        options=_options(field, language),
        longest=field.max_length or 0,
        suffix="%" if field.type in POINTS else "",
        autocomplete=AUTOCOMPLETE.get(field.type, ""),
        error=errors.get(field.name, ""),
    )
