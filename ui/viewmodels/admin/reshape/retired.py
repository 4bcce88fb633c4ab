"""The trash of retired things: what it was, since when, by whom, how much is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.retired import Retired
from metamodel.places import kind_text
from ui.screen import Screen
from ui.viewmodels.admin.reshape.drafting import DraftBar, Drafted, draft_bar
from ui.viewmodels.shell import Shell, shell


@dataclass(frozen=True, slots=True)
class RetiredLine:
    """One thing out of use; `path` is how it is asked back, `pending` that the draft does so."""

    path: str
    kind: str
    label: str
    inside: str
    when: str
    who: str
    version: int
    kept: str
    pending: bool


@dataclass(frozen=True, slots=True)
class RetiredPage:
    """Everything out of use, the latest to go first."""

    shell: Shell
    heading: str
    above: tuple[str, str]
    lines: tuple[RetiredLine, ...]
    restore_url: str
    bar: DraftBar


def retired_page(screen: Screen, drafted: Drafted, found: Sequence[Retired]) -> RetiredPage:
    """Return the trash of retired things."""
    say, versions = screen.words.say, screen.url("admin", "versions")
    heading = say("Retired things")
    return RetiredPage(
        shell=shell(screen, heading, versions),
        heading=heading,
        above=(say("Versions"), versions),
        lines=tuple(_line(screen, drafted, each) for each in found),
        restore_url=screen.url("admin", "versions", "retired"),
        bar=draft_bar(screen, drafted),
    )


def _line(screen: Screen, drafted: Drafted, each: Retired) -> RetiredLine:
    path = each.path
    return RetiredLine(
        path="/".join(path),
        kind=kind_text(path, screen.language),
        label=_label(screen, each.gone.element) or path[-1],
        inside=_inside(screen, each),
        when=screen.formats.instant(each.version.at),
        who=each.version.author.name,
        version=each.version.number,
        kept=_kept(screen, each),
        pending=_is_live(drafted, each),
    )


def _kept(screen: Screen, each: Retired) -> str:
    """Return how much is kept of an element, "" where nothing could be."""
    if each.values is None:
        return ""
    count = screen.formats.number(each.values)
    if each.path[-2] in {"options", "stages"}:
        return screen.words.say("Records that have it: {count}", count=count)
    return screen.words.say("{count} values kept", count=count)


def _label(screen: Screen, element: Mapping[str, object]) -> str:
    """Return what an element is called by what was written of it."""
    for name in ("label", "message"):
        found = element.get(name)
        if isinstance(found, str):
            return found
        if isinstance(found, Mapping) and found:
            return str(found.get(screen.language) or next(iter(found.values())))
    return ""


def _inside(screen: Screen, each: Retired) -> str:
    """Return the kind of record, and the field or process, that an element belonged to."""
    path, model = each.path, screen.ctx.model
    if path[0] != "entities" or len(path) < 4:  # noqa: PLR2004 - the kind of record itself
        return ""
    entity = next((e for e in model.entities.values() if path[1] in (e.name, e.key)), None)
    if entity is None:
        return path[1]
    label = screen.entity_label(entity)
    field = entity.field_named(path[3]) if path[2] == "fields" and len(path) > 4 else None  # noqa: PLR2004
    return f"{label} · {screen.field_label(field)}" if field is not None else label


def _is_live(drafted: Drafted, each: Retired) -> bool:
    """Return whether the draft brings an element back already."""
    found: object = drafted.screen.ctx.model.source
    for name in each.path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return isinstance(found, Mapping) and found.get("$retire") is not True
