"""Reads acts on people: assign, notify, e-mail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from formula.typed import Typed
from formula.types import RecordType
from metamodel.actions import STATES, Act, Assign, AssignWay, Notify, SendEmail, Shown
from metamodel.linking.acts.ground import Ground, people
from metamodel.linking.behaviour import field_key
from metamodel.linking.draft import known_roles
from metamodel.linking.formulas import Rules, condition, formula
from metamodel.linking.texts import read_files, read_template
from metamodel.model import Entity, Field
from metamodel.reader import Node
from metamodel.scope import ModelScope, scope_of

PERSON = RecordType(("user",))

WrittenBy = Literal["email", "sms", "wechat", "voice", "fax"]

CHANNELS: tuple[WrittenBy, ...] = ("sms", "wechat", "voice", "fax")
"""Ways to write to somebody beside e-mail."""

SHOWN: Mapping[str, tuple[str, ...]] = {
    "state": ("choice",),
    "at": ("datetime",),
    "why": ("choice",),
    "cost": ("money", "decimal"),
    "subject": ("text", "long_text"),
    "text": ("long_text", "rich_text"),
    "opened": ("datetime",),
    "clicked": ("datetime",),
    "opens": ("integer",),
    "clicks": ("integer",),
}
"""What a record may show of a message, and the types of fields that can."""

WAYS: tuple[AssignWay, ...] = ("formula", "round_robin", "least_busy", "territory", "skill")


def assign(ground: Ground) -> Act | None:
    """Read `assign: {way, by, match, roles, among, field}`; `by` alone is the person."""
    entity, node = ground.at_hand(), ground.node.child("assign")
    if entity is None:
        return None
    default: AssignWay = "formula" if "by" in node else "round_robin"
    way = next((each for each in WAYS if each == node.text("way")), default)
    person = ground.draft.entities["user"]
    by = formula(node, "by", ground.scope, Rules(PERSON if way == "formula" else None))
    if way in ("formula", "territory", "skill") and "by" not in node:
        node.report(
            "missing_key",
            f"`{way}` needs `by`.",
            "Write the formula that gives the person, territory or skill.",
        )
    match = ""
    if way in ("territory", "skill"):
        match = field_key(node, node.text("match") or way, person, at="match") or ""
    inner = scope_of(ground.draft.model, "user", this=entity.key, inputs=ground.scope.inputs)
    return Assign(
        entity=entity.key,
        field=_person_field(node, entity),
        way=way,
        by=by,
        match=match,
        roles=known_roles(ground.draft, node, "roles"),
        among=condition(node, "among", inner),
    )


def notify(ground: Ground) -> Act | None:
    """Read `notify: {to, roles, message | text}`."""
    node = ground.node.child("notify")
    to = people(node, "to", ground.scope)
    roles = known_roles(ground.draft, node, "roles")
    if "to" not in node and not roles:
        node.report("missing_key", "`notify` says nobody to tell.", "Add `to:` or `roles:`.")
    return Notify(
        to=to,
        roles=roles,
        message=_message(ground, node),
        text=read_template(node, "text", ground.scope, letter=True),
    )


def email(ground: Ground) -> Act | None:
    """Read `email: {to, cc, message | subject and text, attach, files, whom, result, tracked}`."""
    return _writing(ground, ground.node.child("email"), "email")


def send(ground: Ground) -> Act | None:
    """Read `send: {channel, to, message | text, files, whom, result}`."""
    node = ground.node.child("send")
    found = next((each for each in CHANNELS if each == node.text("channel")), CHANNELS[0])
    return _writing(ground, node, found)


def _writing(ground: Ground, node: Node, channel: WrittenBy) -> Act | None:
    to = people(node, "to", ground.scope, addresses=True)
    cc = people(node, "cc", ground.scope, addresses=True)
    inner = Ground(ground.draft, node, ground.scope, ground.inner)
    attach = (
        inner.named("documents", name, code="unknown_document", at="attach")
        for name in node.names("attach")
    )
    message = _message(ground, node)
    subject = read_template(node, "subject", ground.scope, letter=True)
    text = read_template(node, "text", ground.scope, letter=True)
    attached = tuple(name for name in attach if name)
    files = read_files(node, "files", ground.scope)
    result = _result(ground, node.child("result")) if "result" in node else None
    if to is None:
        return None
    whom = _whom(node, ground.scope)
    tracked = condition(node, "tracked", ground.scope)
    return SendEmail(
        to, cc, message, subject, text, attached, whom, channel, files, result, tracked
    )


def _result(ground: Ground, node: Node) -> Shown | None:
    """Read the fields that show what becomes of a message."""
    entity = ground.at_hand()
    if entity is None:
        return None
    found = {}
    for name, kinds in SHOWN.items():
        key = field_key(node, node.text(name), entity, at=name) if name in node else None
        field = entity.fields[key] if key else None
        if key is None or field is None:
            continue
        if field.type not in kinds or field.formula is not None:
            sentence = f"`{field.name}` of `{entity.name}` cannot show the `{name}` of a message."
            hint = f"Name a field of type {' or '.join(kinds)}, without a formula."
            node.report("wrong_value", sentence, hint, at=name)
        elif name == "state" and not _options(field).issuperset(STATES):
            sentence = f"`{field.name}` lacks options that show how far a message is."
            node.report("wrong_value", sentence, f"Give it {', '.join(STATES)}.", at=name)
        else:
            found[name] = key
    return Shown(entity.key, **found) if "state" in found else None


def _options(field: Field) -> set[str]:
    return {each.name for each in field.options.values()}


def _whom(node: Node, scope: ModelScope) -> Typed | None:
    """Read the record that is written to."""
    typed = formula(node, "whom", scope)
    if typed is None or isinstance(typed.type, RecordType):
        return typed
    node.report(
        "wrong_value",
        "`whom` gives no record.",
        "Name the link to whoever is written to, such as `customer`.",
        at="whom",
    )
    return None


def _message(ground: Ground, node: Node) -> str:
    """Return the message that is named; without one a text must be written."""
    named = node.text("message")
    if named:
        inner = Ground(ground.draft, node, ground.scope, ground.inner)
        return inner.named("messages", named, code="unknown_message", at="message")
    if "text" not in node:
        node.report(
            "missing_key",
            f"`{node.name}` says nothing.",
            "Add `text:`, or name one of `messages:` with `message:`.",
        )
    return ""


def _person_field(node: Node, entity: Entity) -> str:
    named = node.text("field") or "owner"
    key = field_key(node, named, entity, at="field")
    field = entity.fields[key] if key else None
    if field is not None and (field.link is None or field.link.to != ("user",)):
        node.report(
            "wrong_value",
            f"`{named}` of `{entity.name}` does not hold a person.",
            "Name a field of type `user`.",
            at="field",
        )
    return key or ""
