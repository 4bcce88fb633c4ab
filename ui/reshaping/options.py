"""Options as an administrator lists them, as edits: added, renamed, coloured, moved, merged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from metamodel.editing import Add, Change, Edit, Path, Retire, name_for
from metamodel.fields import Option
from metamodel.label import Label
from ui.reshaping.sent import Sent, moves

RETIRE = "$retire"
"""The fate of an option that goes without another in its place."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One option as it was sent; `name` is blank for a new one.

    `fate` is blank for one that stays, `RETIRE`, or the name of the option that takes its records.
    """

    name: str
    label: str
    color: str
    fate: str


def listed(sent: Sent) -> tuple[Listed, ...]:
    """Return the options that a form sent, in order."""
    found = sent.get("options")
    return tuple(
        Listed(*(str(each.get(part) or "").strip() for part in ("name", "label", "color", "fate")))
        for each in (found if isinstance(found, list) else ())
        if isinstance(each, Mapping) and (each.get("name") or each.get("label"))
    )


def new_options(options: Sequence[Listed], language: str) -> dict[str, object]:
    """Return the options of a new field as they are written."""
    made: dict[str, object] = {}
    for each in options:
        made[name_for(each.label, made, fallback="option")] = _value(each, language)
    return made


def option_edits(
    path: Path, now: Mapping[str, Option], wanted: Sequence[Listed], language: str
) -> Iterator[Edit]:
    """Yield what turns the options in the map at `path` into those that were sent."""
    present = {option.name: option for option in now.values()}
    taken = {name for option in now.values() for name in (option.key, option.name, *option.former)}
    order = []
    for each in wanted:
        name = each.name if each.name in present else name_for(each.label, taken, fallback="option")
        taken.add(name)
        if not (each.fate and each.name in present):
            order.append(name)
        if name in present:
            yield from _changes((*path, name), present[name], each, language)
        else:
            yield Add(path, name, _value(each, language))
    live = [option.name for option in now.values() if not option.retired]
    stay = [name for name in live if name in order]
    yield from moves(path, [*stay, *(name for name in order if name not in stay)], order)
    for each in wanted:
        if each.fate and each.name in present:
            yield from ended((*path, each.name), each.fate)


def ended(path: Path, fate: str) -> Iterator[Edit]:
    """Yield the end of an option or a stage; its records go to `fate` where that is another one."""
    if fate != RETIRE:
        yield Change((*path, "into"), fate)
    yield Retire(path)


def _changes(path: Path, option: Option, sent: Listed, language: str) -> Iterator[Edit]:
    if sent.label and sent.label != option.label.text(language):
        yield Change((*path, "label"), {**_texts(option.label), language: sent.label})
    if sent.color != option.color:
        yield Change((*path, "color"), sent.color or None)


def _texts(label: Label) -> dict[str, str]:
    return {code: text for code, text in label.texts.items() if code}


def _value(sent: Listed, language: str) -> dict[str, object]:
    return {"label": {language: sent.label}, **({"color": sent.color} if sent.color else {})}
