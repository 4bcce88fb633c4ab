"""Records that another looks like: by the rules of the app, or by nearly the same name.

What a rule finds is told even of a record that the person may not see, without saying which: it
is somebody else's. A near name is only looked for among what they may see.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from rapidfuzz.fuzz import ratio

from engine.access.policy import Policy
from engine.context import Context
from engine.database import Database
from engine.doors import Reader
from engine.merging.clusters import Cluster, clusters
from engine.records.duplicates import alike_to
from engine.records.work import Work
from engine.values.payload import Reference, load_payload
from metamodel.model import Entity

MOST = 5

NEAR = 82.0
"""Of a hundred, above which two names are taken for nearly the same."""

SHORTEST = 2
"""Letters that must be left of a name for it to say anything."""

FORMS = re.compile(
    r"有限责任公司|股份有限公司|集团有限公司|有限公司|股份公司|集团公司|公司|集团|"
    r"\b(co|company|corp|corporation|inc|ltd|limited|llc|plc|gmbh|ag|sa|bv|kg|pty)\b\.?",
    re.IGNORECASE,
)
"""What companies are called after their name, which tells none apart."""


@dataclass(frozen=True, slots=True)
class Lookalike:
    """A record that another looks like; without `id` one that the person may not see.

    `field` is what they have in common, by name; `near`: only nearly.
    """

    entity: str
    id: UUID | None
    title: str
    field: str
    near: bool = False
    blocks: bool = False


class Lookalikes:
    """Finds records that look like one another, under the person's rights."""

    def __init__(self, database: Database, policy: Policy, reader: Reader) -> None:
        self._database = database
        self._policy = policy
        self._reader = reader

    def to(
        self, ctx: Context, entity: Entity, values: Mapping[str, Any], record: UUID | None
    ) -> tuple[Lookalike, ...]:
        """Return records that one with these values, by field name, would look like.

        Values of fields that the person may neither enter nor read tell nothing: no answer says
        whether a record has them.
        """
        told = self._policy.readable(ctx, entity.key) - self._policy.masked(ctx, entity.key)
        told |= self._policy.writable(ctx, entity.key)
        entered = load_payload(ctx.compiled, entity, values).values
        # A record that is named, and not said by its id, is looked for when it is saved.
        known = {
            key: value.id if isinstance(value, Reference) else value
            for key, value in entered.items()
            if key in told
        }
        found = list(self._by_rule(ctx, entity, known, record))
        met = {each.id for each in found}
        title = known.get(entity.title_field)
        if isinstance(title, str) and not entity.fields[entity.title_field].encrypted:
            found += [each for each in self._near(ctx, entity, title, record) if each.id not in met]
        return tuple(found[:MOST])

    def clusters(self, ctx: Context, entity: Entity) -> tuple[Cluster, ...]:
        """Return groups of live records of the person's that look like one another."""
        with self._database.reading(ctx) as connection:
            return clusters(ctx, self._policy, connection, entity)

    def _by_rule(
        self, ctx: Context, entity: Entity, values: Mapping[str, Any], record: UUID | None
    ) -> Iterator[Lookalike]:
        with self._database.reading(ctx) as connection:
            work = Work.begin(ctx, connection, self._policy)
            met: set[object] = set()
            for rule, there, other, title in alike_to(work, entity, values, record):
                if other is not None and other in met:
                    continue
                met.add(other)
                field = entity.fields[next(iter(rule.match))].name
                blocks = rule.action == "block"
                yield Lookalike(there.key, other, title, field, blocks=blocks)

    def _near(
        self, ctx: Context, entity: Entity, title: str, record: UUID | None
    ) -> Iterator[Lookalike]:
        wanted = core_of(title)
        if len(wanted) < SHORTEST:
            return
        field = entity.fields[entity.title_field].name
        for text in dict.fromkeys((wanted, wanted[:4])):
            hits = self._reader.search(ctx, text, entities=[entity.key], limit=20)
            close = [hit for hit in hits if hit.id != record and is_near(title, hit.title)]
            if close:
                yield from (Lookalike(entity.key, h.id, h.title, field, near=True) for h in close)
                return


def core_of(name: str) -> str:
    """Return what tells a company's name apart: without its legal form, blanks and signs."""
    short = re.sub(r"[（(][^）)]*[）)]", "", name)
    return "".join(sign for sign in FORMS.sub("", short).casefold() if sign.isalnum())


def is_near(one: str, other: str) -> bool:
    """Return whether two names are nearly the same."""
    first, second = core_of(one), core_of(other)
    if len(first) < SHORTEST or len(second) < SHORTEST:
        return False
    return ratio(first, second) >= NEAR
