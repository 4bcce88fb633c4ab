"""A folder of Steedos metadata as one app in our language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.conversions.left_out import LeftOut
from tests.conversions.salesforce.formulas import Translator
from tests.conversions.salesforce.reading import RESERVED, option_name
from tests.conversions.steedos.fields import OUTSIDE, FieldReader, kind_of
from tests.conversions.steedos.reading import Said, conditions, files_of, labels, read

OWN = {"owner", "created", "created_by", "modified", "modified_by"}

NAMES = {
    "created": "created_at",
    "create_date": "created_at",
    "modified": "updated_at",
    "modified_by": "updated_by",
}

PIXELS = 60
"""About as many pixels as one of our units of width takes."""

OPERATORS = {"=": "==", "!=": "!=", "<>": "!=", ">": ">", "<": "<"}


@dataclass(slots=True)
class Thing:
    """One object of Steedos."""

    said: Said
    fields: dict[str, Said]
    views: list[Said]
    permissions: list[Said]
    translations: Mapping[str, Mapping[str, Any]]


@dataclass(slots=True)
class Folder:
    """All objects of a folder."""

    root: Path
    left: LeftOut = field(default_factory=LeftOut)
    things: dict[str, Thing] = field(default_factory=dict)

    def read(self) -> None:
        """Read everything below the folder."""
        for path in sorted((self.root / "objects").iterdir()):
            name = path.name
            fields = {str(each["name"]): each for each in files_of(path, "field")}
            self.things[name] = Thing(
                said=read(path / f"{name}.object.yml"),
                fields={key: fields[key] for key in sorted(fields, key=_place(fields))},
                views=list(files_of(path, "listview")),
                permissions=list(files_of(path, "permission")),
                translations=labels(self.root, name),
            )
            for button in files_of(path, "button"):
                self.left.note("a button that runs a script", f"{name}.{button['name']}")

    def kind(self, entity: str, path: tuple[str, ...]) -> str:
        """Return our type of the field at the end of a path."""
        thing = self.things.get(entity)
        said = thing.fields.get(path[0]) if thing else None
        if said is None:
            return str(OUTSIDE.get(entity, {}).get(path[0], {}).get("type", ""))
        if len(path) > 1:
            return self.kind(str(said.get("reference_to")), path[1:])
        return kind_of(said)

    def collections(self) -> dict[tuple[str, str], str]:
        """Return what each link is called from the other side."""
        found = {}
        for entity, thing in self.things.items():
            for name, said in thing.fields.items():
                to = said.get("reference_to")
                if to and to != "users":
                    own = f"{entity}_of_{to}"
                    taken = own in found.values()
                    found[entity, name] = f"{own}_by_{name}" if taken else own
        return found


def _place(fields: Mapping[str, Said]) -> Any:
    return lambda name: int(fields[name]["sort_no"])


def convert(root: Path) -> tuple[dict[str, Any], LeftOut]:
    """Return the app that the folder describes, and what our language does not say of it."""
    folder = Folder(root)
    folder.read()
    collections = folder.collections()
    entities = {name: _entity(folder, name, collections) for name in folder.things}
    for name, fields in OUTSIDE.items():
        entities[name] = {"label": name.title(), "fields": dict(fields), "owned": True}
    menu, modules = _menu(folder)
    for name in ("profiles", "permissionsets"):
        for path in sorted((root / name).glob("*.yml")):
            folder.left.note("a licence or an empty set of permissions", path.name)
    app = {
        "format": 1,
        "app": {
            "name": "steedos_crm", "label": {"zh": "客户管理", "en": "CRM"},
            "languages": ["zh", "en"], "version": "1", "currency": "CNY",
            "timezone": "Asia/Shanghai",
        },
        "modules": modules,
        "entities": entities,
        "menu": menu,
        "roles": _roles(folder),
    }  # fmt: skip
    return app, folder.left


def _entity(
    folder: Folder, name: str, collections: Mapping[tuple[str, str], str]
) -> dict[str, Any]:
    thing = folder.things[name]
    translator = Translator(lambda path: folder.kind(name, tuple(path)), lambda _, key: key)
    reader = FieldReader(name, thing.translations, translator, collections, folder.left)
    fields = {own: reader.read(said) for own, said in thing.fields.items() if own not in OWN}
    for own in thing.fields.keys() & RESERVED.keys() - OWN:
        raise AssertionError(f"{name}.{own} has a name that is taken")
    titles = [own for own, said in thing.fields.items() if said.get("is_name")] or ["name"]
    entity: dict[str, Any] = {
        "label": _label(thing),
        "owned": True,
        "track": bool(thing.said.get("enable_audit") or thing.said.get("enable_chatter")),
        **_title(titles[0], fields),
        "fields": fields,
        "views": {str(each["name"]): _view(folder, name, each) for each in thing.views},
        "forms": {"default": _form(folder, name)},
    }
    return entity


def _title(own: str, fields: Mapping[str, Any]) -> dict[str, str]:
    """Return what a record is called by: its name, else that of the last thing it links to."""
    if own in fields:
        return {"title": own}
    links = [name for name, each in fields.items() if each["type"] == "link" and "inverse" in each]
    return {"title_formula": f"{links[-1]}.name"}


def _label(thing: Thing) -> object:
    found = {
        language: str(each["label"])
        for language, each in thing.translations.items()
        if each.get("label")
    }
    return found or str(thing.said["label"])


def _form(folder: Folder, name: str) -> dict[str, Any]:
    """Return the form: a section for each group, fields in their order."""
    sections: dict[str, dict[str, Any]] = {}
    titles: dict[str, str] = {}
    for own, said in folder.things[name].fields.items():
        title = str(said.get("group", ""))
        key = titles.setdefault(title, f"part_{len(titles) + 1}")
        section = sections.setdefault(key, {"columns": 2, "items": {}})
        if title:
            section["label"] = title
        if own in OWN - {"owner"}:
            continue
        section["items"][own] = {"width": 2} if said.get("is_wide") else {}
        if said.get("rows"):
            folder.left.note("how many rows high a box is", f"{name}.{own}")
        if said.get("omit"):
            folder.left.note("left out of copies and of new records", f"{name}.{own}")
    return {"sections": sections}


def _view(folder: Folder, entity: str, said: Said) -> dict[str, Any]:
    view: dict[str, Any] = {"type": "list", "label": str(said["label"])}
    columns: dict[str, Any] = {}
    for column in said.get("columns") or ():
        own = str(column["field"] if isinstance(column, dict) else column)
        if not folder.kind(entity, (own,)) and own not in NAMES:
            folder.left.note("a column that names no field", f"{entity}.{own}")
            continue
        wide = int(column.get("width") or 0) if isinstance(column, dict) else 0
        columns[NAMES.get(own, own)] = {"width": max(1, round(wide / PIXELS))} if wide else {}
    if columns:
        view["columns"] = columns
    lines = [_condition(folder, entity, *each) for each in conditions(said.get("filters") or [])]
    if said.get("filter_scope") == "mine":
        lines.append("owner == user.id")
    if lines:
        view["filter"] = " and ".join(lines)
    for each in said.get("sort") or ():
        field_name, order = each.values() if isinstance(each, dict) else each
        own = NAMES.get(field_name, field_name)
        view.setdefault("sort", []).append(f"-{own}" if order == "desc" else own)
    if said.get("filter_fields"):
        folder.left.note("which fields are offered first to filter by", f"{entity}.{said['name']}")
    return view


def _condition(folder: Folder, entity: str, own: str, operator: str, value: Any) -> str:
    kind = folder.kind(entity, (own,))
    if kind == "boolean":
        holds = bool(value) == (OPERATORS[operator] == "==")
        return own if holds else f"not {own}"
    shown = option_name(str(value)) if kind in ("choice", "multi_choice") else value
    return f'{own} {OPERATORS[operator]} "{shown}"'


def _menu(folder: Folder) -> tuple[dict[str, Any], dict[str, Any]]:
    menu: dict[str, Any] = {}
    modules: dict[str, Any] = {}
    for said in files_of(folder.root / "applications", "app"):
        code = str(said["code"])
        entries: dict[str, Any] = {}
        for name in said.get("objects") or ():
            if name in folder.things or name in OUTSIDE:
                entries[str(name)] = {"entity": str(name)}
            else:
                folder.left.note("a menu entry of the platform's own", f"{code}: {name}")
        modules[code] = {"label": str(said["name"])}
        menu[code] = {"label": str(said["name"]), "entries": entries}
    return menu, modules


def _roles(folder: Folder) -> dict[str, Any]:
    """Return the permission sets as roles: who may not see all records sees those below."""
    allows = {
        "allowCreate": "create", "allowRead": "read", "allowEdit": "update",
        "allowDelete": "delete",
    }  # fmt: skip
    found: dict[str, Any] = {}
    for name, thing in folder.things.items():
        for said in thing.permissions:
            role = str(said["permission_set_id"])
            made = found.setdefault(role, {"label": role.title(), "rights": {}})
            for theirs, right in allows.items():
                wide = said["viewAllRecords"] if right == "read" else said["modifyAllRecords"]
                if said[theirs]:
                    rights = made["rights"].setdefault(name, {})
                    rights[right] = "all" if wide or right == "create" else "department_tree"
    return found
