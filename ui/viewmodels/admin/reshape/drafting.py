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

    `problems` say why a draft makes no model; the published one is shown instead. `several`
    says that the person has other drafts besides.
    """

    screen: Screen
    published: Screen
    draft: Draft | None = None
    problems: tuple[str, ...] = ()
    several: bool = False

    @property
    def changes(self) -> ModelDiff:
        """Return what the draft changes."""
        return diff(self.published.ctx.model, self.screen.ctx.model)


@dataclass(frozen=True, slots=True)
class DraftBar:
    """How many changes wait, and what can be done with them.

    Where the person has several drafts, `title` says which one this is.
    """

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
    title: str = ""
    drafts_url: str = ""


def own_draft(screen: Screen) -> Draft | None:
    """Return the draft that the person works on, over what serves now; None without one."""
    mine = next(iter(screen.services.own_drafts.list(screen.ctx)), None)
    return screen.services.drafts.open(screen.ctx, mine.name) if mine else None


def title_of_changes(screen: Screen) -> str:
    """Return what a draft is called that nobody gave a name."""
    return screen.words.say("Changes of {name}", name=screen.ctx.actor.name)


def drafted(screen: Screen) -> Drafted:
    """Return the person's own draft, or the published model where they have none."""
    mine = screen.services.own_drafts.list(screen.ctx)
    if not mine:
        return Drafted(screen, screen)
    draft = screen.services.drafts.open(screen.ctx, mine[0].name)
    made = Drafted(screen, screen, draft, several=len(mine) > 1)
    try:
        compiled = screen.services.drafts.compiled(screen.ctx, draft.name)
    except DefinitionInvalid as invalid:
        said = tuple(telling.sentence(each, screen.language) for each in invalid.problems)
        return replace(made, problems=said)
    return replace(made, screen=replace(screen, ctx=replace(screen.ctx, compiled=compiled)))


def draft_bar(screen: Screen, made: Drafted) -> DraftBar:
    """Return the bar over every page on which a draft is made."""
    count = len(made.changes.differences) if made.draft else 0
    here = ("admin", "versions", "next")
    return DraftBar(
        count=count,
        words=_count_words(screen, count),
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
        title=made.draft.title if made.draft and made.several else "",
        drafts_url=screen.url("admin", "versions"),
    )


def _count_words(screen: Screen, count: int) -> str:
    if count == 0:
        return screen.words.say("Nothing changed yet")
    if count == 1:
        return screen.words.say("1 change, not yet published")
    return screen.words.say("{count} changes, not yet published", count=count)
