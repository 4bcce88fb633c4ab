"""Everything a page is made from: who looks, in which words, through which doors."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode
from uuid import UUID

from engine.context import Context
from metamodel.label import Label
from metamodel.model import Entity, Field, Model
from ui.choices import Choices
from ui.formats import Formats
from ui.services import Services, SignedIn
from ui.words import Words


@dataclass(frozen=True, slots=True)
class Screen:
    """One request of a signed-in person."""

    ctx: Context
    services: Services
    signed_in: SignedIn
    words: Words
    formats: Formats
    theme: str = "auto"
    color: str = ""
    choices: Choices = Choices()

    @property
    def language(self) -> str:
        return self.words.language

    def reading(self, model: Model) -> Screen:
        """Return the same screen over another model."""
        compiled = replace(self.ctx.compiled, model=model)
        return replace(self, ctx=replace(self.ctx, compiled=compiled))

    def label(self, label: Label, fallback: str = "") -> str:
        """Return a label in the person's language."""
        return label.text(self.language) or fallback

    def entity_label(self, entity: Entity, *, plural: bool = False) -> str:
        """Return what an entity's records are called."""
        singular = self.label(entity.label, entity.name)
        return self.label(entity.plural, singular) if plural else singular

    def field_label(self, field: Field) -> str:
        """Return what a field is called."""
        return self.label(field.label, field.name)

    def url(self, *parts: str, **query: str) -> str:
        """Return the address of a page of this tenant; empty query values are left out."""
        path = "/".join(quote(part, safe="") for part in (self.ctx.tenant.name, *parts))
        asked = urlencode({name: value for name, value in query.items() if value})
        return f"/{path}?{asked}" if asked else f"/{path}"

    def api_url(self, *parts: str, **query: str) -> str:
        """Return an address of this tenant's API; empty query values are left out."""
        return "/api/v1" + self.url(*parts, **query)

    def record_url(self, entity: str, record: UUID, *parts: str) -> str:
        """Return the address of a record's page; `entity` is its name."""
        return self.url("records", entity, str(record), *parts)
