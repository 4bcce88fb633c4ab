"""From the YAML of an automation, as somebody has written it anew, to edits of the app."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from metamodel.editing import Add, Change, Edit, Move

PART = "automations"


def automation_changes(name: str, old: object, new: Mapping[str, object]) -> list[Edit]:
    """Return the edits that make one definition of an automation another, step by step."""
    path, before = (PART, name), _steps(old)
    wanted = _steps(new)
    kept = {step: each for step, each in wanted.items() if step in before}
    rest = {key: value for key, value in new.items() if key != "steps"}
    whole = {**rest, "steps": kept} if wanted or before else rest
    edits: list[Edit] = [Change(path, replaced(old, whole))]
    return edits + list(
        _placed((*path, "steps"), [*kept], wanted, [s for s in before if s in kept])
    )


def replaced(old: object, new: object) -> object:
    """Return a change after which nothing is left of an old value but what a new one says."""
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        return new
    gone = {name: None for name in old if name not in new}
    return {**gone, **{name: replaced(old.get(name), each) for name, each in new.items()}}


def _placed(
    path: tuple[str, ...], kept: list[str], wanted: Mapping[str, object], standing: list[str]
) -> Iterator[Edit]:
    """Yield what adds new steps behind those they follow, and moves those that stand elsewhere."""
    order, previous = list(standing), ""
    for at, (step, written) in enumerate(wanted.items()):
        if step not in kept:
            yield Add(path, step, written, after=previous)
            order.insert(order.index(previous) + 1 if previous else len(order), step)
        if order[at] != step:
            yield Move((*path, step), after=previous, first=not previous)
            order.remove(step)
            order.insert(at, step)
        previous = step


def _steps(written: object) -> Mapping[str, object]:
    found = written.get("steps") if isinstance(written, Mapping) else None
    return found if isinstance(found, Mapping) else {}
