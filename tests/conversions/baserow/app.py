"""An exported Baserow database as one app in our language, and its rows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.conversions.baserow.formulas import Translator
from tests.conversions.left_out import LeftOut
from tests.conversions.salesforce.reading import option_name, snake

Said = Mapping[str, Any]

TYPES = {
    "text": "text", "long_text": "long_text", "url": "url", "email": "email",
    "phone_number": "phone", "number": "decimal", "date": "date", "single_select": "choice",
    "file": "file",
}  # fmt: skip

COMPUTED = {"text": "text", "number": "decimal"}

COLORS = {
    "blue": "blue", "red": "red", "orange": "orange", "green": "green", "yellow": "yellow",
    "cyan": "cyan", "gray": "gray", "purple": "purple", "brown": "orange", "pink": "pink",
}  # fmt: skip

COMPARED = {"higher_than": ">", "higher_than_or_equal": ">=", "equal": "=="}


@dataclass(slots=True)
class Base:
    """An export: its tables and fields by their numbers."""

    tables: list[Said]
    left: LeftOut = field(default_factory=LeftOut)
    fields: dict[int, Said] = field(default_factory=dict)
    owners: dict[int, Said] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for table in self.tables:
            for each in table["fields"]:
                self.fields[each["id"]] = each
                self.owners[each["id"]] = table

    def kept(self, said: Said) -> bool:
        """Return whether a link is kept on this side: of two, the one made first, as `links`."""
        related = said.get("link_row_related_field_id")
        return related is None or not self.fields[related].get("primary_side", related < said["id"])

    def named(self, table: Said, name: str) -> Said:
        """Return a field of a table by its name."""
        found: Said = next(each for each in table["fields"] if each["name"] == name)
        return found

    def is_choice(self, table: Said, link: str, name: str) -> bool:
        """Return whether a field, here or behind a link, is a choice."""
        if link:
            through = self.named(table, link)
            table = next(each for each in self.tables if each["id"] == through["link_row_table_id"])
        return bool(self.named(table, name)["type"] == "single_select")


def read(path: Path) -> Base:
    """Return the export that a template holds."""
    export = json.loads(path.read_text(encoding="utf-8"))["export"]
    database = next(each for each in export if each["type"] == "database")
    base = Base(database["tables"])
    for each in export:
        if each["type"] != "database":
            base.left.note("an application built over the tables", str(each["name"]))
    return base


def entity_name(table: Said) -> str:
    """Return a table's name in our spelling, one record's."""
    name = snake(str(table["name"]))
    return {"companies": "company", "activities": "activity"}.get(name, name.removesuffix("s"))


def convert(base: Base) -> dict[str, Any]:
    """Return the app."""
    return {
        "format": 1,
        "app": {"name": "lightweight_crm", "label": "Lightweight CRM", "languages": ["en"],
                "version": "1", "currency": "EUR", "timezone": "Europe/Brussels"},
        "entities": {entity_name(table): _entity(base, table) for table in base.tables},
    }  # fmt: skip


def _entity(base: Base, table: Said) -> dict[str, Any]:
    fields = dict(_joined(base, table))
    for each in table["fields"]:
        made = _field(base, table, each)
        if made is not None:
            fields[snake(each["name"])] = {**made, "label": each["name"]}
    primary = next(each for each in table["fields"] if each.get("primary"))
    views = {}
    for view in table["views"]:
        shown = _view(base, table, view)
        if shown is not None:
            views[option_name(view["name"])] = {**shown, "label": view["name"]}
    return {
        "label": str(table["name"]), "title": snake(primary["name"]), "track": True,
        "fields": fields, "views": views,
    }  # fmt: skip


def _field(base: Base, table: Said, said: Said) -> dict[str, Any] | None:
    where = f"{table['name']}.{said['name']}"
    match said["type"]:
        case "link_row":
            return _link(base, said)
        case "password":
            base.left.note("a password of people who sign in to a site", where)
            return None
        case "formula":
            translator = Translator(lambda link, name: base.is_choice(table, link, name))
            kind = COMPUTED[said["formula_type"]]
            formula = translator.translate(said["formula"])
            return {"type": kind, "formula": formula, **({"scale": 0} if kind != "text" else {})}
        case "count":
            through = base.fields[said["through_field_id"]]
            return {"type": "integer", "formula": f"COUNT({snake(through['name'])})"}
        case "rollup" | "lookup":
            return _rollup(base, said)
        case kind:
            return _plain(base, where, said, TYPES[kind])


def _plain(base: Base, where: str, said: Said, kind: str) -> dict[str, Any]:
    made: dict[str, Any] = {"type": kind}
    if said.get("long_text_enable_rich_text"):
        made["type"] = "rich_text"
    if kind == "choice":
        made["options"] = {
            option_name(each["value"]): {
                "label": each["value"],
                "color": COLORS[each["color"].rpartition("-")[2]],
            }
            for each in said["select_options"]
        }
        if any("-" in each["color"] for each in said["select_options"]):
            base.left.note("light and dark shades of an option's colour", where)
    if kind == "decimal":
        made["scale"] = int(said.get("number_decimal_places") or 0)
    if said.get("primary"):
        made |= {"required": True, "search": True}
    return made


def _link(base: Base, said: Said) -> dict[str, Any] | None:
    """Return one side of a link row as `links`; the other side is its inverse."""
    if not base.kept(said):
        return None
    other = base.fields[said["link_row_related_field_id"]]
    target = next(each for each in base.tables if each["id"] == said["link_row_table_id"])
    return {"type": "links", "to": entity_name(target), "inverse": snake(other["name"])}


def _rollup(base: Base, said: Said) -> dict[str, Any]:
    """Return a roll-up; a look-up is the values of the far side, joined."""
    through, target = base.fields[said["through_field_id"]], base.fields[said["target_field_id"]]
    path = f"{snake(through['name'])}.{snake(target['name'])}"
    if said["type"] == "lookup":
        if target["type"] == "link_row":
            path += "_names"
        return {"type": "text", "formula": f'JOIN({path}, ", ")'}
    kind = {"date": "date", "number": "decimal"}.get(target["type"], "text")
    formula = f"{said['rollup_function'].upper()}({path})"
    return {"type": kind, "formula": formula, **({"scale": 0} if kind == "decimal" else {})}


def _joined(base: Base, table: Said) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the names behind links as texts of their own.

    Another table may look them up, and lists show the far side of a link by them.
    """
    looked_up = {
        each["target_field_id"] for each in base.fields.values() if each["type"] == "lookup"
    }
    for each in table["fields"]:
        if each["type"] != "link_row" or (base.kept(each) and each["id"] not in looked_up):
            continue
        far = next(t for t in base.tables if t["id"] == each["link_row_table_id"])
        primary = next(one for one in far["fields"] if one.get("primary"))
        link = snake(each["name"])
        formula = f'JOIN({link}.{snake(primary["name"])}, ", ")'
        label = {"type": "text", "formula": formula, "label": each["name"]}
        yield f"{link}_names", label


def _view(base: Base, table: Said, view: Said) -> dict[str, Any] | None:
    where = f"{table['name']}: {view['name']}"
    if view["type"] == "form":
        base.left.note("a form for the public, which comes with a later module", where)
        return None
    made: dict[str, Any] = {"type": {"grid": "list"}.get(view["type"], view["type"])}
    shown = [
        _column(base, base.fields[each["field_id"]])
        for each in sorted(view["field_options"], key=lambda each: (each["order"], each["id"]))
        if not each.get("hidden") and base.fields[each["field_id"]]["type"] != "password"
    ]
    if made["type"] == "list":
        made["columns"] = {each: {} for each in shown}
    if made["type"] == "kanban":
        base.left.note("a board over a plain choice: here a pipeline makes boards", where)
        return None
    if made["type"] == "calendar":
        made["options"] = {"date": snake(base.fields[view["date_field_id"]]["name"])}
    if made["type"] == "gallery":
        made["options"] = {"image": snake(base.fields[view["card_cover_image_field_id"]]["name"])}
    conditions = [_condition(base, each) for each in view.get("filters") or ()]
    if conditions:
        made["filter"] = " and ".join(conditions)
    made["sort"] = [_sorted(base, each) for each in view.get("sortings") or ()]
    made["group"] = [_sorted(base, each).lstrip("-") for each in view.get("group_bys") or ()]
    return {key: value for key, value in made.items() if value}


def _column(base: Base, said: Said) -> str:
    far = said["type"] == "link_row" and not base.kept(said)
    return snake(said["name"]) + ("_names" if far else "")


def _sorted(base: Base, each: Said) -> str:
    sign = "-" if each["order"] == "DESC" else ""
    return f"{sign}{snake(base.fields[each['field_id']]['name'])}"


def _condition(base: Base, said: Said) -> str:
    target = base.fields[said["field_id"]]
    name = snake(target["name"])
    if said["type"] == "single_select_not_equal":
        options = {str(each["id"]): each["value"] for each in target["select_options"]}
        return f'{name} != "{option_name(options[said["value"]])}"'
    if said["type"] == "date_after_today":
        return f"{name} > TODAY()"
    if said["type"] == "date_is_before":
        days = said["value"].split("?")[1]
        return f'{name} < DATEADD(TODAY(), -{days}, "day")'
    return f"{name} {COMPARED[said['type']]} {said['value']}"


def rows(base: Base) -> Iterator[tuple[Said, Said, dict[str, Any]]]:
    """Yield every row: its table, itself, and its plain values as our API takes them."""
    for table in base.tables:
        for row in table["rows"]:
            values: dict[str, Any] = {}
            for said in table["fields"]:
                value = row[f"field_{said['id']}"]
                if value is None or said["type"] not in TYPES or said["type"] == "file":
                    continue
                if said["type"] == "single_select":
                    options = {each["id"]: each["value"] for each in said["select_options"]}
                    value = option_name(options[value])
                values[snake(said["name"])] = value
            yield table, row, values
