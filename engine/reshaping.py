"""Reshaping from inside the application: an administrator's edits of roles become a revision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.access.grants import require_everything
from engine.context import Context
from engine.drafts.going_out import GoingOut, Terms
from engine.errors import Forbidden, ModelChanged, NotFound
from engine.publish import Proposal
from engine.schema.revisions import Document, Revision
from engine.store import layers_of
from engine.tenants.people import ADMINISTRATOR
from engine.tenants.reshape import OWN
from metamodel import read_text
from metamodel.dump import dump
from metamodel.editing import Edit, Retire
from metamodel.editing import edited as edited_app
from metamodel.layers import Layer, merge, put_over
from metamodel.role_edits import RoleEdit, as_edits, edited

PLAIN = Terms()


@dataclass(frozen=True, slots=True)
class RoleChange:
    """What becomes of one role, by name: edits of it, a copy of another, or its end."""

    name: str
    edits: tuple[RoleEdit, ...] = ()
    copy_of: str = ""
    retire: bool = False


class Reshaping:
    """Plans and publishes changes that people make on their screens."""

    def __init__(self, going_out: GoingOut) -> None:
        self._going_out = going_out
        self._publisher = going_out.publisher

    def propose(self, ctx: Context, changes: Sequence[RoleChange]) -> Proposal:
        """Return what changing roles would do, over what is published now.

        The tenant's own layer says afterwards only what differs from its template. Raises
        `DefinitionInvalid` with every problem, `Forbidden` for whom may not.
        """
        require_everything(ctx)
        documents = self._publisher.documents(ctx.tenant)
        return self._publisher.propose(ctx.tenant, with_roles(documents, changes))

    def revisions(self, ctx: Context) -> tuple[Revision, ...]:
        """Return every revision of the tenant, the newest first."""
        require_everything(ctx)
        return self._publisher.revisions(ctx.tenant)

    def publish(
        self, ctx: Context, changes: Sequence[RoleChange], *, over: int, terms: Terms = PLAIN
    ) -> int:
        """Publish changes that were looked at over revision `over`; return the new revision.

        Scenarios that they can touch are played first. Raises `ModelChanged` where somebody
        else published since then, `ScenariosRed`, and changes nothing.
        """
        proposal = self.propose(ctx, changes)
        if proposal.over != over:
            raise ModelChanged(tenant=ctx.tenant.name)
        return self._going_out.release(ctx, proposal, terms).revision


def with_roles(
    documents: Sequence[Document], changes: Sequence[RoleChange]
) -> tuple[Document, ...]:
    """Return a tenant's documents with changed roles in its own layer, the last."""
    below, own = layers_of(documents[:-1]), read_text(documents[-1].text, OWN).document
    roles = dict(_roles(put_over(merge(below).document, Layer(OWN, own))))
    edits = tuple(edit for change in changes for edit in _edits(roles, change))
    return (*documents[:-1], Document(OWN, dump(edited_app(below, own, edits))))


def _edits(roles: dict[str, object], change: RoleChange) -> Sequence[Edit]:
    """Return one change as edits of the application, and make it in `roles`, as they are by now."""
    if change.name == ADMINISTRATOR:
        raise Forbidden(role=change.name)
    before = roles.get(change.name)
    if change.retire:
        live = isinstance(before, Mapping) and not before.get("$retire")
        roles[change.name] = {**before, "$retire": True} if isinstance(before, Mapping) else None
        return (Retire(("roles", change.name)),) if live else ()
    written = roles.get(change.copy_of or change.name)
    if change.copy_of and (not isinstance(written, Mapping) or written.get("$retire")):
        raise NotFound(role=change.copy_of)
    known = before if isinstance(before, Mapping) else None
    start = written if isinstance(written, Mapping) and not written.get("$retire") else {}
    roles[change.name] = after = edited(start, change.edits)
    return as_edits(change.name, known, after)


def _roles(document: Mapping[str, object]) -> Mapping[str, object]:
    found = document.get("roles")
    return found if isinstance(found, Mapping) else {}
