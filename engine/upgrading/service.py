"""Upgrading one tenant: merged, asked about, rehearsed, published, each of them only if it may."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from engine.context import Context
from engine.drafts.kept_upgrades import KeptUpgrade
from engine.errors import DataLoss, EngineError, OlderVersion, PlanBlocked, ScenariosRed
from engine.publish import Proposal, Publisher, refuse
from engine.scenarios.rehearsal import Rehearsal
from engine.schema.revisions import Author, Document
from engine.tenants.reshape import OWN, app_named
from engine.upgrading.ground import on_newer, require_newer, version_of
from engine.upgrading.merging import merged
from engine.upgrading.outcome import Outcome
from engine.upgrading.rules import Rules
from metamodel.dump import dump
from metamodel.problems import DefinitionInvalid
from metamodel.threeway import Question


class Keeping(Protocol):
    """Where an upgrade is kept whose questions somebody has to decide."""

    def keep(
        self,
        ctx: Context,
        upgrade: KeptUpgrade,
        layer: str,
        *,
        below: tuple[Document, ...],
        questions: tuple[Question, ...],
    ) -> tuple[str, tuple[Question, ...]]:
        """Begin a draft of an upgrade, or leave what was decided in it.

        Returns its name and its questions.
        """
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
        try:
            require_newer(app_named(wanted.template[-1]), before, after)
        except OlderVersion as error:
            return here.became("failed", error=error.code)
        found = merged(documents, newer, wanted.rules)
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
        packed = app if app != ctx.model.app.name else ""
        label = packed or ctx.model.app.label.text(ctx.language)
        kept = KeptUpgrade(packed, here.after, f"{label} {here.after}")
        name, left = self.drafts.keep(
            ctx, kept, own.text, below=tuple(below), questions=here.questions
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
        return replace(here.became("upgraded", red=proposal.red), revision=published.revision)
