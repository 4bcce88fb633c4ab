"""Newer versions of what a tenant stands on, taken as a draft that people look at and publish."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from engine.access.grants import require_everything
from engine.context import Context
from engine.drafts.kept_upgrades import KeptUpgrade
from engine.errors import NotFound
from engine.publish import Publisher
from engine.schema.revisions import Document
from engine.upgrading.ground import is_newer, on_newer, require_newer
from engine.upgrading.merging import merged
from engine.upgrading.rules import Rules
from engine.upgrading.service import Keeping
from metamodel.dump import dump
from metamodel.problems import DefinitionInvalid


class Catalogue(Protocol):
    """The apps and packs that come along with the product."""

    def versions(self) -> Mapping[str, str]:
        """Return the version of each, by name."""
        ...

    def documents(self, name: str) -> tuple[Document, ...]:
        """Return the chain of an app, lowest first, or one pack."""
        ...


@dataclass(frozen=True, slots=True)
class Offer:
    """The app or a pack that a tenant stands on: in which version, and which one comes along.

    `after` is blank where none comes along.
    """

    name: str
    label: str
    before: str
    after: str

    @property
    def newer(self) -> bool:
        """Whether the version that comes along is newer."""
        return bool(self.after) and is_newer(self.before, self.after)


@dataclass(frozen=True, slots=True)
class Offers:
    """Says what a tenant can be upgraded to, and begins the draft of an upgrade."""

    publisher: Publisher
    catalogue: Catalogue
    drafts: Keeping

    def list(self, ctx: Context) -> tuple[Offer, ...]:
        """Return what the tenant stands on: its app first, then its packs."""
        require_everything(ctx)
        versions = self.catalogue.versions()
        apps = (ctx.model.app, *ctx.model.packs.values())
        return tuple(
            Offer(
                each.name, each.label.text(ctx.language), each.version, versions.get(each.name, "")
            )
            for each in apps
        )

    def begin(self, ctx: Context, name: str) -> str:
        """Begin a draft that stands on the version that comes along; return its name.

        The tenant's own changes are merged in; what both sides changed is asked in the draft.
        Raises `NotFound` where the tenant stands on no such app, or where nothing newer comes
        along, `OlderVersion`, and `DefinitionInvalid` where what is merged makes no app.
        """
        offer = next((each for each in self.list(ctx) if each.name == name), None)
        if offer is None or not offer.after or offer.after == offer.before:
            raise NotFound(template=name)
        require_newer(name, offer.before, offer.after)
        documents = self.publisher.documents(ctx.tenant, ctx.revision)
        newer = on_newer(documents, self.catalogue.documents(name))
        found = merged(documents, newer, Rules())
        if found.problems:
            raise DefinitionInvalid(found.problems)
        pack = "" if name == ctx.model.app.name else name
        kept = KeptUpgrade(pack, offer.after, f"{offer.label} {offer.after}")
        layer = dump(found.layer) if found.layer else ""
        done, _ = self.drafts.keep(ctx, kept, layer, below=newer[:-1], questions=found.questions)
        return done
