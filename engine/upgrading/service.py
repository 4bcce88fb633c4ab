"""Upgrading one tenant: merged, asked about, rehearsed, published, each of them only if it may."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from engine.context import Context
from engine.errors import DataLoss, EngineError, PlanBlocked, ScenariosRed
from engine.publish import Proposal, Publisher, refuse
from engine.scenarios.rehearsal import Rehearsal
from engine.schema.revisions import Author, Document
from engine.store import layers_of, model_of
from engine.tenants.registry import TenantRegistry
from engine.tenants.reshape import OWN, app_named
from engine.upgrading.ground import on_newer, version_of
from engine.upgrading.outcome import Outcome
from engine.upgrading.rules import Rules
from metamodel.dump import dump
from metamodel.problems import DefinitionInvalid
from metamodel.threeway import Answer, Path, Question
from metamodel.upgrading import Upgrade, upgraded

ROUNDS = 8
"""How often rules are asked again: answers may raise questions of their own."""


class Keeping(Protocol):
    """Where an upgrade is kept whose questions somebody has to decide."""

    def keep(
        self,
        ctx: Context,
        *,
        name: str,
        title: str,
        layer: str,
        below: tuple[Document, ...],
        questions: tuple[Question, ...],
    ) -> tuple[Question, ...]:
        """Begin the draft of that name, or leave what was decided in it; return its questions."""
        ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: the newer template, lowest first, and how far one may go by oneself.

    With `dry_run` nothing is published and nothing kept. `allow_loss` publishes where values
    go out of sight, `despite_red` where scenarios fail.
    """

    template: tuple[Document, ...]
    rules: Rules = Rules()
    dry_run: bool = False
    allow_loss: bool = False
    despite_red: bool = False
    author: Author = Author("joinery upgrade")


@dataclass(frozen=True, slots=True)
class Upgrades:
    """Brings tenants to a newer version of what they stand on, one at a time."""

    publisher: Publisher
    rehearsal: Rehearsal
    registry: TenantRegistry
    drafts: Keeping

    def run(self, ctx: Context, wanted: Wanted) -> Outcome:
        """Upgrade the tenant of a context that may administer it, and say what became of it.

        What it refuses, or what fails, is an outcome and leaves the tenant as it was; begun
        again it goes on, and finds what was done already.
        """
        start = Outcome(ctx.tenant.name, "current", revision=ctx.revision)
        try:
            return self._run(ctx, wanted, start)
        except DefinitionInvalid as error:
            return replace(start, result="failed", error="invalid", problems=error.problems)
        except EngineError as error:
            return start.became("failed", error=error.code)

    def _run(self, ctx: Context, wanted: Wanted, start: Outcome) -> Outcome:
        documents = self.publisher.documents(ctx.tenant)
        newer = on_newer(documents, wanted.template)
        before, after = (version_of(each, wanted.template) for each in (documents, newer))
        here = replace(start, before=before, after=after)
        if newer == documents:
            return here
        found = _merged(documents, newer, wanted.rules)
        layer = dump(found.layer) if found.layer else ""
        here = replace(here, questions=found.questions, problems=found.problems)
        if found.questions or found.problems:
            return self._asked(ctx, wanted, here, (*newer[:-1], Document(OWN, layer)))
        proposal = self.publisher.propose(ctx.tenant, (*newer[:-1], Document(OWN, layer)))
        return self._published(ctx, wanted, replace(here, proposal=proposal), proposal)

    def _asked(
        self, ctx: Context, wanted: Wanted, here: Outcome, documents: Sequence[Document]
    ) -> Outcome:
        """Keep what was merged so far as a draft, until its questions are decided."""
        if wanted.dry_run:
            return here.became("asked")
        *below, own = documents
        app = app_named(wanted.template[-1])
        of = "" if app == ctx.model.app.name else f"{app}_"
        name = f"upgrade_{of}{here.after}".replace(".", "_")
        title = f"{app if of else ctx.model.app.label.text(ctx.language)} {here.after}"
        left = self.drafts.keep(
            ctx,
            name=name,
            title=title,
            layer=own.text,
            below=tuple(below),
            questions=here.questions,
        )
        return replace(here.became("asked"), draft=name, questions=left)

    def _published(
        self, ctx: Context, wanted: Wanted, here: Outcome, proposal: Proposal
    ) -> Outcome:
        try:
            refuse(proposal.plan, allow_loss=wanted.allow_loss)
            proposal = self.rehearsal.require(ctx.tenant, proposal, despite=wanted.despite_red)
        except ScenariosRed as error:
            return here.became("red", error=error.code, red=tuple(e.name for e in error.results))
        except (DataLoss, PlanBlocked) as error:
            return here.became("refused", error=error.code)
        if wanted.dry_run:
            return here.became("ready", red=proposal.red)
        published = self.publisher.publish(
            ctx.tenant,
            proposal,
            author=wanted.author,
            message=f"{app_named(wanted.template[-1])} {here.before} → {here.after}",
            allow_loss=wanted.allow_loss,
        )
        self.registry.set_template(ctx.tenant.name, proposal.new.model.app.version)
        return replace(here.became("upgraded", red=proposal.red), revision=published.revision)


def _merged(documents: Sequence[Document], newer: Sequence[Document], rules: Rules) -> Upgrade:
    """Return the tenant's layer over the newer documents, questions answered as rules say."""
    if not documents[-1].text.strip():
        model_of(newer)
        return Upgrade({})
    old, new = layers_of(documents[:-1]), layers_of(newer[:-1])
    (own,) = layers_of(documents[-1:])
    answers: dict[Path, Answer] = {}
    found = upgraded(old, new, own)
    for _ in range(ROUNDS):
        more = rules.answers(found.questions)
        if not more:
            break
        answers |= more
        found = upgraded(old, new, own, answers)
    return found
