"""What an administrator works on: their draft, the model it makes, and how much of it is new."""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.drafts import Draft
from metamodel import telling
from metamodel.diff import ModelDiff, diff
from metamodel.problems import DefinitionInvalid
from ui.screen import Screen


@dataclass(frozen=True, slots=True)
class Drafted:
    """A screen over the model as it would be, and over the published one.

    `problems` say why a draft makes no model; the published one is shown instead.
    """

    screen: Screen
    published: Screen
    draft: Draft | None = None
    problems: tuple[str, ...] = ()

    @property
    def changes(self) -> ModelDiff:
        """Return what the draft changes."""
        return diff(self.published.ctx.model, self.screen.ctx.model)


@dataclass(frozen=True, slots=True)
class DraftBar:
    """How many changes wait, and what can be done with them."""

    count: int
    words: str
    problems: tuple[str, ...]
    undoable: bool
    questions: int
    plan_url: str
    undo_url: str
    discard_url: str
    conflicts_url: str
    preview_url: str = ""
    draft: str = ""
    csrf: str = ""


def own_draft(screen: Screen) -> Draft | None:
    """Return the draft that the person changed last, over what serves now; None without one."""
    drafts = screen.services.drafts
    me = screen.ctx.actor.user
    mine = next((each for each in drafts.list(screen.ctx) if each.author == me), None)
    return drafts.open(screen.ctx, mine.name) if mine else None


def drafted(screen: Screen) -> Drafted:
    """Return the person's own draft, or the published model where they have none."""
    draft = own_draft(screen)
    if draft is None:
        return Drafted(screen, screen)
    try:
        compiled = screen.services.drafts.compiled(screen.ctx, draft.name)
    except DefinitionInvalid as invalid:
        said = tuple(telling.sentence(each, screen.language) for each in invalid.problems)
        return Drafted(screen, screen, draft, said)
    return Drafted(replace(screen, ctx=replace(screen.ctx, compiled=compiled)), screen, draft)


def draft_bar(screen: Screen, made: Drafted) -> DraftBar:
    """Return the bar over every page on which a draft is made."""
    count = len(made.changes.differences) if made.draft else 0
    say, here = screen.words.say, ("admin", "versions", "next")
    return DraftBar(
        count=count,
        words=say("1 change, not yet published")
        if count == 1
        else say("{count} changes, not yet published", count=count),
        problems=made.problems,
        undoable=made.draft is not None and made.draft.undoable,
        questions=len(made.draft.questions) if made.draft else 0,
        plan_url=screen.url(*here),
        undo_url=screen.url(*here, "undo"),
        discard_url=screen.url(*here, "discard"),
        conflicts_url=screen.url(*here, "conflicts"),
        preview_url=screen.url("preview"),
        draft=made.draft.name if made.draft else "",
        csrf=screen.signed_in.csrf,
    )
