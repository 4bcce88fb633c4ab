"""The documents that a tenant stands on, with a newer version of an app in their place."""

from __future__ import annotations

from collections.abc import Sequence

from engine.errors import NotFound, OlderVersion
from engine.schema.revisions import Document
from engine.store import layers_of
from engine.tenants.reshape import app_named
from metamodel.packs import said_of_app


def on_newer(documents: Sequence[Document], template: Sequence[Document]) -> tuple[Document, ...]:
    """Return a tenant's documents with those of `template` in the place of their older versions.

    A template is a chain of apps, or one pack; what else lies under the tenant's own layer
    stays. Raises `NotFound` where the tenant stands on no such app.
    """
    newer = {app_named(each): each for each in template}
    name = app_named(template[-1])
    below = [(app_named(each), each) for each in documents[:-1]]
    if name not in {each for each, _ in below}:
        raise NotFound(f"It does not stand on {name!r}.", template=name)
    return (*(newer.get(each, document) for each, document in below), documents[-1])


def version_of(documents: Sequence[Document], template: Sequence[Document]) -> str:
    """Return in which version the app or pack that a template is stands among documents."""
    name = app_named(template[-1])
    apps = (said_of_app(each.document) for each in layers_of(documents))
    return next((str(app.get("version", "")) for app in apps if app.get("name") == name), "")


def require_newer(name: str, before: str, after: str) -> None:
    """Raise `OlderVersion` where a version is older than the one that a tenant stands on."""
    if _ordered(after) < _ordered(before):
        raise OlderVersion(template=name, version=after, present=before)


def is_newer(before: str, after: str) -> bool:
    """Return whether a version comes after another."""
    return _ordered(after) > _ordered(before)


def _ordered(version: str) -> tuple[tuple[int, int, str], ...]:
    """Return a version as it is compared: numbers by size, and before them what is no number."""
    parts = version.split(".")
    while parts and parts[-1] == "0":
        parts.pop()
    return tuple((1, int(e), "") if e.isdecimal() else (0, 0, e) for e in parts)


def stands_on(documents: Sequence[Document], template: Sequence[Document]) -> bool:
    """Return whether a tenant stands on the app that a template is."""
    return app_named(template[-1]) in {app_named(each) for each in documents[:-1]}
