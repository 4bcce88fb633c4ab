"""A new kind of record as an administrator describes it, as edits of the app."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from metamodel.editing import Add, Change, Edit, name_for
from metamodel.model import Model
from ui.reshaping.sent import Sent, label_of, text_of

NUMBER = "{YYYY}-{0000}"
"""How numbers run that records are called by, unless somebody says otherwise."""

RIGHTS: Mapping[str, dict[str, str]] = {
    "see": {"read": "all"},
    "own": {"create": "all", **dict.fromkeys(("read", "update", "delete", "export"), "own")},
    "all": dict.fromkeys(("create", "read", "update", "delete", "export"), "all"),
}
"""What a role may do with its records, by the word that the form sends; any other word: nothing."""

STAGES: tuple[tuple[str, dict[str, object]], ...] = (
    ("new", {"label": {"en": "New", "zh": "新建"}, "color": "gray"}),
    ("in_progress", {"label": {"en": "In progress", "zh": "进行中"}, "color": "blue"}),
    ("done", {"label": {"en": "Done", "zh": "已完成"}, "color": "green", "ends": "won"}),
)
"""The stages that records begin with where they go through any."""

TITLE = "name"
"""The name of the field that records are called by."""


def kind_name(model: Model, sent: Sent) -> str:
    """Return a free name for a kind of record, made from what it is called."""
    label = label_of(sent, model.app.languages)
    spoken = label.get("en") or next(iter(label.values()), "")
    taken = {
        name for each in model.entities.values() for name in (each.key, each.name, *each.former)
    }
    return name_for(spoken, taken, fallback="record")


def new_kind(model: Model, sent: Sent) -> Iterator[Edit]:
    """Yield a new kind of record with the field that its records are called by, then the rights."""
    name = kind_name(model, sent)
    yield Add(("entities",), name, _written(model, sent))
    for role in model.roles.values():
        rights = RIGHTS.get(text_of(sent, f"role_{role.name}"))
        if rights is not None and not role.all_rights:
            yield Change(("roles", role.name, "rights", name), rights)


def _written(model: Model, sent: Sent) -> dict[str, Any]:
    """Return a kind of record as the language writes it. Any: scalars and maps of YAML."""
    languages = model.app.languages
    plural = label_of(sent, languages, "plural")
    module = text_of(sent, "module")
    found: dict[str, Any] = {
        "label": label_of(sent, languages),
        **({"plural": plural} if plural else {}),
        "icon": text_of(sent, "icon") or "forms",
        **({"module": module} if module in model.modules else {}),
        "title": TITLE,
        **({"owned": True} if sent.get("owned") else {}),
        "fields": {TITLE: _title(languages, sent)},
    }
    if sent.get("stages"):
        label = {code: text for code, text in _STAGE.items() if code in languages}
        stages = {name: {**said, "label": _in(languages, said["label"])} for name, said in STAGES}
        found["pipelines"] = {"progress": {"label": label, "field": "stage", "stages": stages}}
    return found


_STAGE = {"en": "Stage", "zh": "阶段"}


def _title(languages: tuple[str, ...], sent: Sent) -> dict[str, object]:
    label = label_of(sent, languages, "title") or _in(languages, {"en": "Name", "zh": "名称"})
    if text_of(sent, "titled") == "autonumber":
        pattern = text_of(sent, "pattern") or NUMBER
        return {"type": "autonumber", "pattern": pattern, "search": True, "label": label}
    return {"type": "text", "required": True, "search": True, "label": label}


def _in(languages: tuple[str, ...], texts: object) -> dict[str, str]:
    """Return the words in the languages of an app; in English where it speaks neither."""
    known = dict(texts) if isinstance(texts, Mapping) else {}
    return {code: known[code] for code in languages if code in known} or {languages[0]: known["en"]}
