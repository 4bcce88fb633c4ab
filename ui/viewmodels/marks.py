"""Marks of the memory of stages as an address writes them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import get_args

from engine.errors import NotFound
from engine.query.spec import Mark, MarkKind, Span
from metamodel.model import Entity
from ui.screen import Screen

WORDS: dict[MarkKind, str] = {
    "stood": "was in this stage on {until}",
    "reached": "reached this stage",
    "stayed": "still in this stage on {until}",
    "fell": "dropped out of this stage",
    "opening": "open on {since}",
    "added": "new since {since}",
    "brought": "brought forward since {since}",
    "grown": "grown since {since}",
    "shrunk": "shrunk since {since}",
    "won": "won since {since}",
    "lost": "lost since {since}",
    "slipped": "slipped since {since}",
    "closing": "open on {until}",
}
"""What a list says of the records that a mark stands for, in English."""

OF_STAGES = frozenset({"stood", "reached", "stayed", "fell"})
"""Marks that stand for records of one stage; all others are of the whole pipeline."""


def mark_text(entity: Entity, mark: Mark) -> str:
    """Return a mark as `kind~pipeline~stage~since~until~day~by`, names rather than keys."""
    span = mark.span
    pipeline = entity.pipelines[span.pipeline]
    stage = pipeline.stages[mark.stage].name if mark.stage in pipeline.stages else mark.stage
    day = entity.fields[span.day].name if span.day else ""
    return "~".join((mark.kind, pipeline.name, stage, _day(span.since), _day(span.until),
                     day, _day(span.by)))  # fmt: skip


def read_mark(entity: Entity, text: str) -> Mark | None:
    """Return the mark that an address means, None for none; raise `NotFound` for nonsense."""
    if not text:
        return None
    try:
        kind, pipeline, stage, since, until, day, by = text.split("~")
        found = next(each for each in entity.pipelines.values() if each.name == pipeline)
        stages = {each.name: key for key, each in found.stages.items()}
        field = entity.field_named(day) if day else None
        if (kind in OF_STAGES) != bool(stage) or (day and field is None):
            raise ValueError(kind)
        span = Span(
            found.key,
            date.fromisoformat(until),
            date.fromisoformat(since) if since else None,
            field.key if field is not None else "",
            date.fromisoformat(by) if by else None,
        )
        if kind not in get_args(MarkKind):
            raise ValueError(kind)
        return Mark(span, kind, stages[stage] if stage else "")  # type: ignore[arg-type]
    except (ValueError, KeyError, StopIteration) as error:
        raise NotFound(mark=text) from error


def marked_words(screen: Screen, entity: Entity, text: str) -> str:
    """Return in words which records an address's mark stands for, "" for none."""
    found = read_mark(entity, text)
    return "" if found is None else mark_words(screen, entity, found)


def mark_words(screen: Screen, entity: Entity, mark: Mark) -> str:
    """Return in words which records a mark stands for."""
    return " · ".join(_words(screen, entity, mark))


def _words(screen: Screen, entity: Entity, mark: Mark) -> Iterator[str]:
    span, say = mark.span, screen.words.say
    stage = entity.pipelines[span.pipeline].stages.get(mark.stage)
    if stage is not None:
        yield screen.label(stage.label, stage.name)
    days = {
        name: screen.formats.date(day)
        for name, day in (("since", span.since), ("until", span.until))
        if day is not None
    }
    yield say(WORDS[mark.kind], **{"since": "…", **days})


def _day(day: date | None) -> str:
    return day.isoformat() if day is not None else ""
