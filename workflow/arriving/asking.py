"""Links to public forms about one record: sealed, so that only who was sent one can answer."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from urllib.parse import quote
from uuid import UUID

from engine.context import Context
from engine.errors import NotFound
from engine.sealing import MasterKey, Unsealable
from metamodel.model import Field, Model
from metamodel.outward import PublicForm

PATH = "/forms"

MOST_SCORES = 10
"""Scores that a question offers one by one."""


def link_to(key: MasterKey, site: str, ctx: Context, form: PublicForm, record: UUID) -> str:
    """Return the address at which a form about a record is filled in."""
    said = json.dumps([form.key, str(record)]).encode()
    sealed = urlsafe_b64encode(key.seal(said, purpose=_purpose(ctx))).decode().rstrip("=")
    return f"{site}{PATH}/{quote(ctx.tenant.name)}/{form.name}?key={sealed}"


def asked_about(key: MasterKey, ctx: Context, form: PublicForm, secret: str) -> UUID:
    """Return the record that a link is about; raise `NotFound` for one that was not made here."""
    try:
        sealed = urlsafe_b64decode(secret + "=" * (-len(secret) % 4))
        named, record = json.loads(key.open(sealed, purpose=_purpose(ctx)))
    except (Unsealable, ValueError):
        raise NotFound(link=form.name) from None
    if named != form.key:
        raise NotFound(link=form.name)
    return UUID(record)


def form_named(model: Model, name: str) -> PublicForm | None:
    """Return a form that is open, by its name."""
    found = (each for each in model.public_forms.values() if each.name == name)
    return next((each for each in found if each.active), None)


def score_of(model: Model, form: PublicForm) -> Field | None:
    """Return the field of a form in which a score is given, None where it asks for none."""
    fields = model.entities[form.entity].fields
    asked = (fields[each.field] for each in form.fields)
    return next((each for each in asked if scores_of(each)), None)


def scores_of(field: Field) -> range:
    """Return the scores that a field takes, none where they are not given one by one."""
    if field.type != "rating":
        return range(0)
    least, most = int(str(field.min or 1)), int(str(field.max or 5))
    return range(least, most + 1) if most - least < MOST_SCORES else range(0)


def _purpose(ctx: Context) -> str:
    return f"public form about {ctx.tenant.schema}"
