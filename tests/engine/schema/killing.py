"""Publishes in a process of their own, which is killed on the way."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Sequence
from typing import Any

from engine.audit.log import AuditLog
from engine.backfill import Backfill
from engine.database import Database
from engine.publish import Publisher
from engine.schema.apply import Mark
from engine.schema.revisions import Author, Document
from engine.store import ModelStore
from tests.killing import killed


def publish_killed(shop: Any, layer: str, at: Callable[[Mark], bool]) -> None:
    """Publish a layer in a process of its own, which is killed at the first mark that is the one.

    Any: a shop of the tests of schemas.
    """
    # Read before: the parent's connections are not the child's to use, nor to close.
    documents = shop.layered(layer)
    killed(shop.database, lambda: _publish_and_die(shop, documents, at))


def _publish_and_die(shop: Any, documents: Sequence[Document], at: Callable[[Mark], bool]) -> None:
    database = Database.connect(shop.database.engine.url.render_as_string(hide_password=False))
    publisher = Publisher(database, ModelStore(database), Backfill(), AuditLog(database))

    def die(mark: Mark) -> None:
        if at(mark):
            os.kill(os.getpid(), signal.SIGKILL)

    proposal = publisher.propose(shop.tenant, documents)
    publisher.publish(shop.tenant, proposal, author=Author("Tester"), allow_loss=True, progress=die)
