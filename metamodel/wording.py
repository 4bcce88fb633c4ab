"""Differences between two models in words, in the product's two languages."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from formula.typed import Typed
from metamodel.diff import Difference, said
from metamodel.label import Label
from metamodel.places import KINDS as ELEMENTS

LONGEST = 60
"""Most characters of a value that a sentence shows."""

KINDS: Mapping[str, tuple[str, str]] = {
    "added": ("{what} is new", "新增{what}"),
    "retired": ("{what} is retired", "停用{what}"),
    "restored": ("{what} is back", "恢复{what}"),
    "renamed": ("{what} is now called `{now}`", "{what}改名为 `{now}`"),
    "changed": ("{what}: {how}", "{what}：{how}"),
}

PARTS: Mapping[str, tuple[str, str]] = {
    **ELEMENTS,
    "menu": ("the menu", "菜单"),
    "entities": ("entity", "对象"),
    "pipelines": ("pipeline", "流程"),
    "forms": ("form", "表单"),
    "scenarios": ("scenario", "业务测试"),
}
"""Where those who write metadata say it otherwise than a screen does."""

CHANGES = ("`{name}` was {old}, is {new}", "`{name}` 由 {old} 改为 {new}")
OTHERS = ("`{name}` differs", "`{name}` 不同")

MEMBERS = ("`{name}`: {members}", "`{name}`：{members}")

BECOMES: Mapping[str, tuple[str, str]] = {
    "new": ("new {names}", "新增 {names}"),
    "changed": ("changed {names}", "更改 {names}"),
    "gone": ("without {names}", "去掉 {names}"),
    "order": ("another order", "顺序改变"),
}
"""What becomes of members of a collection, such as the steps of an approval."""


def told(difference: Difference, language: str) -> str:
    """Return one difference as a sentence: Chinese for zh, else English."""
    at = 1 if language.startswith("zh") else 0
    joined = "；" if at else "; "
    how = joined.join(_change(name, pair, at) for name, pair in difference.attributes.items())
    now = str(difference.attributes["name"][1]) if difference.kind == "renamed" else ""
    return KINDS[difference.kind][at].format(what=_what(difference.path, at), how=how, now=now)


def _what(path: tuple[str, ...], at: int) -> str:
    """Return what a path leads to: `quote`: field `net`."""
    space = "" if at else " "
    if len(path) < 2:
        return PARTS[path[0]][at]
    said = f"{PARTS[path[0]][at]}{space}`{path[1]}`"
    if len(path) >= 4:
        said = f"`{path[1]}`{'：' if at else ': '}{PARTS[path[2]][at]}{space}`{path[3]}`"
    return said


def _change(name: str, pair: tuple[object, object], at: int) -> str:
    members = _members(*pair, at)
    if members:
        return MEMBERS[at].format(name=name, members=members)
    old, new = (_shown(value) for value in pair)
    if not old or not new or old == new:
        return OTHERS[at].format(name=name)
    return CHANGES[at].format(name=name, old=old, new=new)


def _members(old: object, new: object, at: int) -> str:
    """Return which members of a collection come, change and go; "" of what is none."""
    before, after = _named(old), _named(new)
    if not (before or after) or before is None or after is None:
        return ""
    both = [name for name in after if name in before]
    found = {
        "new": [name for name in after if name not in before],
        "changed": [name for name in both if said(before[name]) != said(after[name])],
        "gone": [name for name in before if name not in after],
    }
    order = both != [name for name in before if name in after]
    parts = [
        BECOMES[word][at].format(names=", ".join(f"`{name}`" for name in names))
        for word, names in found.items()
        if names
    ]
    return ", ".join([*parts, BECOMES["order"][at]] if order else parts)


def _named(value: object) -> Mapping[str, object] | None:
    """Return the members of a collection by name; None for what is no collection of named ones."""
    if isinstance(value, Mapping):
        return {str(getattr(each, "name", key)): each for key, each in value.items()}
    if isinstance(value, tuple):
        found = {getattr(each, "name", None): each for each in value}
        return {str(name): each for name, each in found.items()} if None not in found else None
    return None


def _shown(value: object) -> str:
    """Return a value briefly; "" for one that has no short form."""
    match value:
        case None | "" | ():
            return "—"
        case bool():
            return "true" if value else "false"
        case Typed():
            return _cut(value.text)
        case Label():
            return _cut(" / ".join(value.texts.values()))
        case Decimal():
            return f"{value:f}"
        case str() | int():
            return _cut(str(value))
        case tuple() if all(isinstance(each, str) for each in value):
            return _cut(", ".join(value))
        case _:
            return ""


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return f"`{line if len(line) <= LONGEST else line[: LONGEST - 1] + '…'}`" if line else "—"
