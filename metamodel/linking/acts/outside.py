"""Reads acts that reach outside: webhook, document, approval, other automations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from metamodel.actions import Act, CallAutomation, CallWebhook, MakeDocument, StartApproval
from metamodel.linking.acts.ground import Ground
from metamodel.linking.behaviour import field_key
from metamodel.linking.formulas import check_node
from metamodel.reader import Node

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")
"""How a header may be named (RFC 9110)."""

_PLAIN = re.compile(r"[ -~]*\Z")
"""What a header may say."""


def webhook(ground: Ground) -> Act | None:
    """Read `webhook: {url, method, headers, body: {name: formula}}`."""
    node = ground.node.child("webhook")
    url = node.text("url")
    if not _is_address(url):
        node.report(
            "wrong_value",
            f"`url` is `{url}`, which is not an address.",
            "Begin with `https://`.",
            at="url",
        )
    checked = {each.name: check_node(each, ground.scope) for each in node.child("body").live()}
    method = node.text("method")
    return CallWebhook(
        url=url,
        body={name: typed for name, typed in checked.items() if typed is not None},
        method=method if method in ("PUT", "PATCH") else "POST",  # type: ignore[arg-type]
        headers=dict(_headers(node.child("headers"))),
    )


def _is_address(url: str) -> bool:
    """Return whether an address of the web can be called at all."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    host = parts.hostname or ""
    whole = bool(host) and port != 0 and not re.search(r"[\s{}]", url)
    return whole and parts.scheme in ("https", "http")


def _headers(node: Node) -> Iterator[tuple[str, str]]:
    """Yield what a call says in its headers; report what none can say."""
    for each in node.live():
        said = str(each.value)
        if _TOKEN.match(each.name) and _PLAIN.match(said):
            yield each.name, said
            continue
        node.report(
            "wrong_value",
            f"`{each.name}` is no header that can be sent.",
            "Write name and value in letters, digits and signs of ASCII, on one line.",
            at=each.name,
        )


def document(ground: Ground) -> Act | None:
    """Read `document: name`, or `document: {document, into}`."""
    entity, inner = ground.at_hand(), ground.node.child("document")
    if entity is None:
        return None
    plain = isinstance(inner.value, str)
    node, at = (ground.node, "document") if plain else (inner, "document")
    named = node.text("document")
    place = Ground(ground.draft, node, ground.scope, ground.inner)
    into = "" if plain else _into(ground, inner.text("into"))
    found = place.named("documents", named, code="unknown_document", at=at)
    if found and not _over(ground, "documents", found, entity.name):
        _elsewhere(place, "document", found, at)
        return None
    return MakeDocument(found, entity.key, into) if found else None


def approve(ground: Ground) -> Act | None:
    """Read `approve: approval` for the record at hand."""
    entity, named = ground.at_hand(), ground.node.text("approve")
    if entity is None:
        return None
    found = ground.named("approvals", named, code="unknown_approval", at="approve")
    if found and not _over(ground, "approvals", found, entity.name):
        _elsewhere(ground, "approval", found, "approve")
        return None
    return StartApproval(found) if found else None


def call(ground: Ground) -> Act | None:
    """Read `call: automation` on the record at hand."""
    named = ground.node.text("call")
    found = ground.named("automations", named, code="unknown_automation", at="call")
    if not found:
        return None
    trigger = ground.draft.root.down("automations", found, "trigger")
    over = trigger.text("entity")
    at_hand = ground.draft.entities.get(ground.scope.entity)
    if over and (at_hand is None or ground.draft.names.get(over) != at_hand.key):
        _elsewhere(ground, "automation", found, "call")
        return None
    return CallAutomation(found)


def _into(ground: Ground, name: str) -> str:
    if not name:
        return ""
    entity = ground.draft.entities[ground.scope.entity]
    node = ground.node.child("document")
    key = field_key(node, name, entity, at="into")
    if key and entity.fields[key].type != "file":
        node.report(
            "wrong_value",
            f"`{name}` of `{entity.name}` does not hold a file.",
            "Name a field of type `file`, or leave `into` out to attach it.",
            at="into",
        )
    return key or ""


def _over(ground: Ground, section: str, name: str, entity: str) -> bool:
    """Return whether an element of a section is about records of `entity`."""
    written = ground.draft.root.down(section, name).text("entity")
    return ground.draft.names.get(written) == ground.draft.names.get(entity)


def _elsewhere(ground: Ground, one: str, name: str, at: str) -> None:
    ground.node.report(
        "wrong_entity",
        f"The {one} `{name}` is about records of another entity.",
        f"Name one over the entity that `{ground.node.name}` works on.",
        at=at,
    )
