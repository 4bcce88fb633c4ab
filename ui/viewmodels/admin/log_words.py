"""What an event of the audit log tells, in people's words: names of fields and roles, no keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from engine.audit.reader import Entry
from engine.messages import title
from engine.titles import TITLES
from ui.screen import Screen

NAMES: Mapping[str, str] = MappingProxyType({
    "after": "After", "before": "Before", "changed": "Changed", "clear": "In the clear",
    "code": "Why", "comments": "Comments", "created": "Made", "database": "Database",
    "despite_red": "Scenarios that failed", "device": "Device", "done": "Done",
    "effects": "Effects", "element": "What", "ends_at": "Ends", "events": "Events",
    "expires_on": "Paid until", "field": "Field", "fields": "Fields", "file": "File",
    "filter": "Filter", "format": "Format", "from": "From", "history": "Entries of history",
    "kept": "Kept", "label": "Called", "language": "Language", "leaving_at": "Goes for good",
    "left": "Left", "limit": "Limit", "logo": "Logo", "means": "By", "message": "Message",
    "mode": "Mode", "name": "Name", "notes": "Notes", "operation": "How",
    "person": "Of one person", "plan": "Plan", "quiet": "Everything held back",
    "reason": "Why", "records": "Records", "refused": "Refused", "revision": "Revision",
    "rejected": "Refused", "roles": "Roles", "rows": "Records", "scopes": "Scopes",
    "seats": "Seats", "seconds": "Within seconds", "sign_ins": "Sign-ins", "since": "From",
    "skipped": "Left out", "start": "Token", "state": "State", "steps": "Steps",
    "template": "App", "text": "Searched for", "to": "To", "total": "In all",
    "unchanged": "Unchanged", "until": "To", "updated": "Changed", "values": "Values",
    "what": "What", "whole": "Complete",
})  # fmt: skip
"""What each name in an event's detail is called."""

SAID: Mapping[str, str] = MappingProxyType({
    "address": "e-mail address", "archived": "archived", "authenticator added":
    "authenticator app added", "authenticator removed": "authenticator app removed",
    "begun": "begun", "code": "code", "create": "made", "delete": "deleted",
    "deleted": "deleted", "disabled": "disabled",
    "done": "done", "enabled": "enabled", "ended": "ended", "failed": "failed",
    "gone": "gone for good", "identity unlinked": "identity provider unlinked",
    "leaving": "about to be deleted", "live": "live",
    "making": "being made", "moving": "being moved", "other sessions ended":
    "other sessions ended", "passkey": "passkey", "passkey added": "passkey added",
    "passkey removed": "passkey removed", "password": "password",
    "password and code": "password and code", "password and passkey": "password and passkey",
    "recovery codes": "recovery codes made anew", "removed": "removed",
    "restore": "restored", "restoring": "being restored",
    "second factor": "two proofs at the door", "set": "set",
    "taken": "taken along", "tenant": "workspace", "too many tries": "too many tries",
    "update": "changed", "wrong": "wrong",
})  # fmt: skip
"""Words that the engine writes into details, as people say them."""

MODES: Mapping[str, str] = MappingProxyType({
    "insert": "new ones only", "update": "known ones only", "upsert": "new and known ones",
})  # fmt: skip
"""How a file was taken in."""

WORDED = frozenset({"state", "what", "means", "reason", "logo", "sign_ins", "operation"})
"""Names whose values are words of the engine's, and not what somebody typed."""

FIELDS = frozenset({"field", "fields", "clear"})
"""Names whose values are fields of the entity that an event is about."""

HIDDEN = frozenset({"record", "handover", "schema", "role"})
"""What says something to programs alone; it goes out with an export of the log."""


@dataclass(frozen=True, slots=True)
class ValueLine:
    """One thing an event tells: before and after, or only what it is."""

    label: str
    before: str
    after: str


def value_lines(screen: Screen, entry: Entry) -> tuple[ValueLine, ...]:
    """Return what an event tells: what it changed, then its detail."""
    return (*_changes(screen, entry), *_details(screen, entry))


def _changes(screen: Screen, entry: Entry) -> Iterator[ValueLine]:
    for key in dict.fromkeys((*entry.before, *entry.after)):
        before, after = entry.before.get(key), entry.after.get(key)
        yield ValueLine(
            _name(screen, entry, key),
            _text(screen, entry, key, before),
            _text(screen, entry, key, after),
        )


def _details(screen: Screen, entry: Entry) -> Iterator[ValueLine]:
    for key, value in entry.detail.items():
        shown = _text(screen, entry, key, value)
        if key not in HIDDEN and shown:
            yield ValueLine(_name(screen, entry, key), "", shown)


def _name(screen: Screen, entry: Entry, key: str) -> str:
    """Return what a name is called: a field's label, or our own word."""
    entity = screen.ctx.model.entities.get(entry.entity)
    field = entity.fields.get(key) if entity is not None else None
    if field is not None and (key in entry.before or key in entry.after):
        return screen.field_label(field)
    return screen.words.say(NAMES[key]) if key in NAMES else key


def _text(screen: Screen, entry: Entry, key: str, value: object) -> str:
    """Return a value as people read it."""
    match value:
        case None | "":
            return ""
        case bool():
            return screen.words.say("yes") if value else screen.words.say("no")
        case int():
            return screen.formats.number(value)
        case list() | tuple():
            comma = "、" if screen.language == "zh" else ", "
            return comma.join(_text(screen, entry, key, each) for each in value)
        case Mapping():
            return ", ".join(f"{name}: {_text(screen, entry, key, v)}" for name, v in value.items())
        case str():
            return _said(screen, entry, key, value)
        case _:
            return str(value)


def _said(screen: Screen, entry: Entry, key: str, text: str) -> str:
    say, model = screen.words.say, screen.ctx.model
    if key in FIELDS:
        return _field(screen, entry, text)
    if key == "code":
        return title(text, screen.language) if text in TITLES else text
    if key == "roles" or (key in ("before", "after") and entry.kind == "tenant_changed"):
        role = model.roles.get(text)
        return say("Everybody") if text == "*" else screen.label(role.label, text) if role else text
    if key in WORDED and text in SAID:
        return say(SAID[text])
    if key == "mode" and text in MODES:
        return say(MODES[text])
    return _instant(screen, text)


def _field(screen: Screen, entry: Entry, path: str) -> str:
    """Return the label of a field that is named by its key, or by a path of names."""
    entity = screen.ctx.model.entities.get(entry.entity)
    if entity is None:
        return path
    first, _, rest = path.partition(".")
    named = {each.name: each for each in entity.fields.values()}
    field = entity.fields.get(first) or named.get(first)
    if field is None:
        return path
    label = screen.field_label(field)
    return f"{label} · {rest}" if rest else label


def _instant(screen: Screen, text: str) -> str:
    """Return an instant on the reader's clock; any other text as it is."""
    if len(text) < len("2026-03-01T00:00") or not text[:4].isdigit():
        return text
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return screen.formats.instant(at) if at.tzinfo is not None else text
