"""Tenants on the first version of a small app, which a second one follows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest

from boot.wiring import House
from engine.context import Cause, Context
from engine.schema.revisions import Document
from engine.tenants.provision import NewTenant

Make = Callable[..., Context]
"""From the documents below, and a layer of its own, to a tenant's context."""


@pytest.fixture
def make(furnished: House) -> Iterator[Make]:
    """Yield a maker of tenants, which are deleted at the end."""
    made: list[str] = []

    def new(*below: Document, own: str = "") -> Context:
        name = f"up{uuid4().hex[:10]}"
        wanted = NewTenant(name, (*below, Document("tenant", own)), language="en")
        furnished.provisioning.create(wanted, author="Tester")
        made.append(name)
        return furnished.contexts.system(name, cause=Cause("cli"))

    yield new
    for name in made:
        furnished.provisioning.delete(name)
