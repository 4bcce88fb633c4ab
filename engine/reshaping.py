"""Reshaping from inside the application: an administrator's edits of roles become a revision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.access.grants import holds_everything, roles_of, whole
from engine.context import Context
from engine.errors import Forbidden, ModelChanged, NotFound
from engine.publish import Proposal, Publisher
from engine.schema.revisions import Author, Document, Revision
from engine.store import layers_of
from engine.tenants.people import ADMINISTRATOR
from engine.tenants.reshape import OWN
from metamodel import read_text
from metamodel.dump import dump
from metamodel.edits import minimal
from metamodel.layers import merge
from metamodel.role_edits import RoleEdit, edited


@dataclass(frozen=True, slots=True)
class RoleChange:
    """What becomes of one role, by name: edits of it, a copy of another, or its end."""

    name: str
    edits: tuple[RoleEdit, ...] = ()
    copy_of: str = ""
    retire: bool = False


def administers(ctx: Context) -> bool:
    """Return whether a person may change what their tenant is made of, and who works in it."""
    return whole(ctx.actor) and holds_everything(ctx.actor, roles_of(ctx))


class Reshaping:
    """Plans and publishes changes that people make on their screens."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher

    def propose(self, ctx: Context, changes: Sequence[RoleChange]) -> Proposal:
        """Return what changing roles would do, over what is published now.

        The tenant's own layer says afterwards only what differs from its template. Raises
        `DefinitionInvalid` with every problem, `Forbidden` for whom may not.
        """
        _require(ctx)
        documents = self._publisher.documents(ctx.tenant)
        return self._publisher.propose(ctx.tenant, with_roles(documents, changes))

    def revisions(self, ctx: Context) -> tuple[Revision, ...]:
        """Return every revision of the tenant, the newest first."""
        _require(ctx)
        return self._publisher.revisions(ctx.tenant)

    def publish(
        self, ctx: Context, changes: Sequence[RoleChange], *, over: int, message: str = ""
    ) -> int:
        """Publish changes that were looked at over revision `over`; return the new revision.

        Raises `ModelChanged` where somebody else published since then, and changes nothing.
        """
        proposal = self.propose(ctx, changes)
        if proposal.over != over:
            raise ModelChanged(tenant=ctx.tenant.name)
        author = Author(ctx.actor.name, ctx.actor.user, ctx.origin)
        published = self._publisher.publish(ctx.tenant, proposal, author=author, message=message)
        return published.revision


def with_roles(
    documents: Sequence[Document], changes: Sequence[RoleChange]
) -> tuple[Document, ...]:
    """Return a tenant's documents with changed roles in its own layer, the last."""
    below = _roles(merge(layers_of(documents[:-1])).document)
    wanted = dict(_roles(merge(layers_of(documents)).document))
    for change in changes:
        _change(wanted, change)
    own = dict(read_text(documents[-1].text, OWN).document)
    own["roles"] = minimal(below, wanted)
    kept = {key: value for key, value in own.items() if key != "roles" or value}
    return (*documents[:-1], Document(OWN, dump(kept)))


def _change(roles: dict[str, object], change: RoleChange) -> None:
    if change.name == ADMINISTRATOR:
        raise Forbidden(role=change.name)
    if change.retire:
        roles.pop(change.name, None)
        return
    if change.copy_of and change.copy_of not in roles:
        raise NotFound(role=change.copy_of)
    written = roles.get(change.copy_of or change.name)
    roles[change.name] = edited(written if isinstance(written, Mapping) else {}, change.edits)


def _roles(document: Mapping[str, object]) -> Mapping[str, object]:
    """Return the roles of a document that are in use."""
    found = document.get("roles")
    return {
        name: role
        for name, role in (found.items() if isinstance(found, Mapping) else ())
        if not (isinstance(role, Mapping) and role.get("$retire"))
    }


def _require(ctx: Context) -> None:
    if not administers(ctx):
        raise Forbidden
