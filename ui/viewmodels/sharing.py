"""With whom a record is shared, and the form that shares it with somebody else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from engine.access.shares import Share
from metamodel.model import Entity
from ui.screen import Screen
from ui.viewmodels.cells import initials
from ui.viewmodels.inputs import Input, inputs_of
from ui.viewmodels.record import may_now


@dataclass(frozen=True, slots=True)
class ShareLine:
    """One share: with whom, what they may do, until when, and who gave it."""

    whom: str
    initials: str
    icon: str
    right: str
    until: str
    by: str
    note: str
    ended: bool
    remove_url: str


@dataclass(frozen=True, slots=True)
class Whom:
    """With whom something can be shared: kinds, the inputs of each, and roles by name."""

    kinds: tuple[tuple[str, str], ...]
    grantees: tuple[tuple[str, Input], ...]
    roles: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ShareDialog:
    """A record's shares; without `share_url` none is added."""

    heading: str
    lines: tuple[ShareLine, ...]
    whom: Whom
    share_url: str
    url: str


ICONS = {"person": "user", "department": "sitemap", "team": "users-group", "role": "shield-lock"}

GRANTEES = (
    ("person", "user", "manager"),
    ("department", "user", "department"),
    ("team", "team_member", "team"),
)
"""By which field, of which entity, each kind of grantee is chosen."""


def share_dialog(screen: Screen, entity: Entity, record: UUID, title: str) -> ShareDialog:
    """Return the dialog of a record's shares."""
    say, ctx = screen.words.say, screen.ctx
    here = screen.record_url(entity.name, record, "shares")
    allowed = may_now(screen, "share", entity, record)
    shares = screen.services.shares.shares_of(ctx, entity.key, record)
    return ShareDialog(
        heading=say("Share “{title}”", title=title),
        lines=tuple(_line(screen, share, here) for share in shares),
        whom=whom_of(screen),
        share_url=here if allowed else "",
        url=here,
    )


def whom_of(screen: Screen) -> Whom:
    """Return with whom the person can share."""
    say, roles = screen.words.say, screen.ctx.model.roles.values()
    return Whom(
        kinds=(
            ("person", say("Person")),
            ("department", say("Department and below")),
            ("team", say("Team")),
            ("role", say("Role")),
        ),
        grantees=tuple((kind, _chooser(screen, kind, *of)) for kind, *of in GRANTEES),
        roles=tuple((role.name, screen.label(role.label, role.name)) for role in roles),
    )


def _chooser(screen: Screen, kind: str, entity: str, field: str) -> Input:
    found = inputs_of(screen, screen.ctx.model.entities[entity], (field,), None)[0]
    return replace(found, name=kind, required=False, readonly=False, empty=False, copies=())


def _line(screen: Screen, share: Share, here: str) -> ShareLine:
    say, formats = screen.words.say, screen.formats
    role = screen.ctx.model.roles.get(share.role)
    whom = share.whom.title if share.whom is not None else None
    if role is not None:
        whom = screen.label(role.label, role.name)
    return ShareLine(
        whom=whom or share.role or "•••",
        initials=initials(whom or "") if share.kind == "person" else "",
        icon=ICONS[share.kind],
        right=say("May change it") if share.right == "write" else say("May see it"),
        until=say("until {when}", when=formats.instant(share.until)) if share.until else "",
        by=(share.by.title or "") if share.by is not None else "",
        note=share.note,
        ended=share.ended,
        remove_url=f"{here}/{share.id}/remove",
    )
