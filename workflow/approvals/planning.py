"""Who decides on a record, in which order: an approval's steps worked out as the record is now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, bindparam, or_, select

from engine.context import Actor
from engine.records.formed import Stand, values_of
from engine.tenants.people import ADMINISTRATOR
from formula.typed import Typed
from metamodel.approvals import Approval, ApprovalStep, Chain
from metamodel.label import Label
from metamodel.model import Model
from workflow.approvals.course import Course, Limit, Rules, Seat, Stage
from workflow.approvals.deciding import refuse
from workflow.doing import Here
from workflow.recipients import people_with, person_of, recipients


@dataclass(frozen=True, slots=True)
class Planner:
    """Works out the course of one approval for the record at hand; `author` submits it."""

    here: Here
    approval: Approval
    author: Actor

    def course(self) -> Course:
        """Return the course as it would begin now; refuses where nobody is there to decide."""
        stages = tuple(self._stage(each) for each in self._steps())
        return Course(self.author.user, stages, rules_of(self.approval))

    def _steps(self) -> Iterable[ApprovalStep]:
        """Yield the steps that the record takes: of its threshold, as far as they hold."""
        named = self._threshold()
        for each in self.approval.steps:
            wanted = named is None or each.name in named
            if wanted and self._holds(each.when, each.key, "when"):
                yield each

    def _threshold(self) -> Sequence[str] | None:
        """Return the names of the steps of the first threshold that holds; None: of all."""
        for each in self.approval.thresholds:
            if self._holds(each.when, each.name, "threshold"):
                return each.steps
        return None

    def _holds(self, condition: Typed | None, *place: str) -> bool:
        return condition is None or bool(self._at(*place).value(condition, "holds"))

    def _at(self, *place: str) -> Here:
        """Return where a formula of the approval stands: its statements are kept under that."""
        return replace(self.here, path=(self.approval.key, *place))

    def _stage(self, step: ApprovalStep) -> Stage:
        found = list(dict.fromkeys(self._deciders(step)))
        vacant = not found
        if vacant:
            found = people_with(self.here, [ADMINISTRATOR])
        if not found:
            refuse("approval_nobody", step=step.label)
        others = self._beside_author(step, found)
        return Stage(
            key=step.key,
            label=dict(self._label(step).texts),
            seats=tuple(Seat(each) for each in (*found, *others)),
            mode="any" if vacant or others else step.mode,
            needed=step.quorum,
            allow=step.allow,
            edits=step.edits,
            copies=tuple(self._people(step.copy_to, (), step.key, "copies")),
            limit=self._limit(step),
            vacant=vacant,
        )

    def _beside_author(self, step: ApprovalStep, found: Sequence[UUID]) -> Sequence[UUID]:
        """Return who decides where a step asks nobody but the author, who must not.

        It is their superior, where there is none an administrator.
        """
        author, approval = self.author.user, self.approval
        if approval.author_decides or approval.skip_author or set(found) != {author}:
            return ()
        chiefs = (each for each in people_with(self.here, [ADMINISTRATOR]) if each != author)
        others = self._present(self.author.managers)[:1] or list(chiefs)
        if not others:
            refuse("approval_only_author", step=step.label)
        return others

    def _limit(self, step: ApprovalStep) -> Limit | None:
        if step.time_out is None:
            return None
        to = self._people(step.time_out.to, (), step.key, "escalated to")
        return Limit(step.time_out.after, step.time_out.then, tuple(to))

    def _label(self, step: ApprovalStep) -> Label:
        """Return what a step is called: where nobody said so, what its role is called."""
        role = self.here.ctx.model.roles.get(step.approvers.role)
        unnamed = dict(step.label.texts) == {"": step.name}
        return role.label if unnamed and role is not None and role.label else step.label

    def _deciders(self, step: ApprovalStep) -> Iterable[UUID]:
        ways = step.approvers
        if ways.who is not None:
            return self._people(ways.who, (), step.key, "who")
        if ways.role:
            return self._people(None, (ways.role,), step.key, "role")
        if ways.position:
            return _in_position(self.here, ways.position)
        if ways.chain is not None:
            return self._chain(ways.chain, step.key)
        # Of a chain that ends below the level the highest decides.
        above = self.author.managers
        return self._present(above[ways.manager - 1 :])[:1] or self._present(above)[-1:]

    def _people(self, to: Typed | None, roles: Sequence[str], *place: str) -> list[UUID]:
        if to is None and not roles:
            return []
        return [actor.user for actor, _ in recipients(self._at(*place), to, roles)]

    def _present(self, people: Iterable[UUID]) -> list[UUID]:
        """Return those of some people who work here now."""
        return [each for each in people if person_of(self.here, each) is not None]

    def _chain(self, chain: Chain, step: str) -> list[UUID]:
        """Return superiors, the nearest first, up to the first for whom the condition holds."""
        at = self._at(step, "chain")
        below = at.value(chain.of, "of") if chain.of is not None else self.author.user
        start = person_of(at, below) if isinstance(below, UUID) else None
        found = self._present(start.managers if start is not None else ())
        found = found[: chain.levels or None]
        if chain.until is None or not found:
            return found
        outside = self.here.stand
        this = (outside.entity, outside.record) if outside.record is not None else None
        stand = Stand("user", None, this, outside.given)
        holds = values_of(at.fresh(), stand, found, [chain.until], (*at.key, "until"))
        last = next((n for n, each in enumerate(found) if holds[each][0]), len(found) - 1)
        return found[: last + 1]


def rules_of(approval: Approval) -> Rules:
    """Return what an approval says of itself."""
    return Rules(
        approval.locks,
        approval.locks_all and not approval.changes,
        approval.withdraw,
        not approval.author_decides,
        approval.skip_repeated,
    )


def approval_named(model: Model, name: str) -> Approval | None:
    """Return an approval that is in use, by its key or name."""
    known = (each for each in model.approvals.values() if each.active)
    return next((each for each in known if name in (each.key, each.name)), None)


def _in_position(here: Here, title: str) -> list[UUID]:
    """Return active people who have a job title, or stand in a position of that name."""

    def make() -> Any:  # Any: a statement
        compiled = here.ctx.compiled
        user, position = compiled.tables.of("user"), compiled.tables.of("position")
        fields, theirs = (here.ctx.model.entities[key].fields for key in ("user", "position"))
        held = user.c[fields["position"].column] == position.c.id
        wanted: ColumnElement[str] = bindparam("title", type_=Text())
        return (
            select(user.c.id)
            .select_from(user.outerjoin(position, held & position.c.sys_trashed_at.is_(None)))
            .where(
                user.c[fields["active"].column].is_(True),
                user.c.sys_trashed_at.is_(None),
                or_(
                    user.c[fields["title"].column] == wanted,
                    position.c[theirs["name"].column] == wanted,
                ),
            )
            .order_by(user.c.id)
        )

    return [row[0] for row in here.fresh().run(("in position",), make, title=title)]
