"""Steedos's fields in our language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.conversions.left_out import LeftOut
from tests.conversions.salesforce.formulas import Translator
from tests.conversions.salesforce.reading import option_name
from tests.conversions.steedos.reading import Said

TYPES = {
    "text": "text", "textarea": "long_text", "lookup": "link", "master_detail": "link",
    "select": "choice", "number": "decimal", "currency": "money", "boolean": "boolean",
    "toggle": "boolean", "date": "date", "datetime": "datetime", "email": "email", "url": "url",
    "autonumber": "autonumber",
}  # fmt: skip

OUTSIDE = {
    "accounts": {"name": {"type": "text", "required": True}},
    "contacts": {"name": {"type": "text", "required": True}},
    "business_hours": {"name": {"type": "text", "required": True}},
    "datasources": {"name": {"type": "text", "required": True}},
}
"""Objects of the platform that this set links to, as far as it needs them."""

SEARCHED = {"text", "long_text", "email", "phone", "url", "autonumber"}


def kind_of(said: Said) -> str:
    """Return our type of a field."""
    kind = str(said.get("type", "lookup"))
    if kind in ("formula", "summary"):
        kind = str(said["data_type"])
    if kind == "select" and _percents(said):
        return "percent"
    ours = TYPES[kind]
    if said.get("multiple"):
        return {"choice": "multi_choice", "link": "links"}[ours]
    return ours


def _percents(said: Said) -> bool:
    """Return whether all options are percentages: a percent says that better."""
    values = [str(each["value"]) for each in said.get("options") or ()]
    return bool(values) and all(re.fullmatch(r"\d+%", each) for each in values)


@dataclass(frozen=True, slots=True)
class FieldReader:
    """Reads the fields of one object."""

    entity: str
    translations: Mapping[str, Mapping[str, Any]]
    translator: Translator
    collections: Mapping[tuple[str, str], str]
    left: LeftOut

    def read(self, said: Said) -> dict[str, Any]:
        """Return one field; `collections` names what a link makes on the other side."""
        name, kind = str(said["name"]), kind_of(said)
        found: dict[str, Any] = {"type": kind, "label": self.words(name, "label", said["label"])}
        if said.get("inlineHelpText"):
            found["help"] = self.words(name, "help", said["inlineHelpText"])
        for key in ("required", "readonly", "hidden", "index"):
            if said.get(key):
                found[key] = True
        if said.get("searchable") and kind in SEARCHED:
            found["search"] = True
        found |= self._of_kind(name, kind, said)
        if kind == "autonumber":
            found.pop("readonly", None)
        self._default(kind, said, found)
        if "formula" in found:
            found.pop("required", None)
        return found

    def _of_kind(self, name: str, kind: str, said: Said) -> dict[str, Any]:
        """Return what only fields of one kind have, and how a field is computed."""
        found: dict[str, Any] = {}
        if kind in ("link", "links"):
            found = self._link(name, said)
        elif kind in ("choice", "multi_choice"):
            found = self._options(name, said)
        elif kind == "autonumber":
            return {"pattern": str(said["formula"])}
        elif kind in ("decimal", "money") and "scale" in said:
            found = {"scale": int(said["scale"])}
        if said.get("formula"):
            found["formula"] = self.translator.translate(_respelled(str(said["formula"])))
        if said.get("type") == "summary":
            found["formula"] = self._summary(said)
        return found

    def words(self, name: str, key: str, own: object) -> object:
        """Return a label or help in every language that has it."""
        found = {}
        for language, translation in self.translations.items():
            fields = translation.get("fields") or {}
            text = (fields.get(name) or {}).get(key)
            if text:
                found[language] = text
        return found or str(own)

    def _link(self, name: str, said: Said) -> dict[str, Any]:
        to = str(said.get("reference_to") or "users")
        found: dict[str, Any] = {"to": "user" if to == "users" else to}
        if found["to"] != "user":
            found["inverse"] = self.collections[self.entity, name]
        if said.get("type") == "master_detail":
            found["on_delete"] = "cascade"
        if said.get("filtersFunction"):
            rule = re.search(r"\((\w+) eq true\)", str(said["filtersFunction"]))
            assert rule is not None
            found["filter"] = rule[1]
        return found

    def _options(self, name: str, said: Said) -> dict[str, Any]:
        options = {
            option_name(str(each["value"])): {"label": self._option(name, each)}
            for each in said["options"]
        }
        assert len(options) == len(said["options"])
        return {"options": options}

    def _option(self, name: str, option: Said) -> object:
        found = {}
        for language, translation in self.translations.items():
            field = (translation.get("fields") or {}).get(name) or {}
            for each in field.get("options") or ():
                if each.get("value") == option["value"] and each.get("label"):
                    found[language] = str(each["label"])
        return found or str(option["label"])

    def _summary(self, said: Said) -> str:
        child = str(said["summary_object"])
        links = [name for (entity, name) in self.collections if entity == child]
        collection = next(
            made
            for (entity, name), made in self.collections.items()
            if entity == child and name in links and made.startswith(f"{child}_of_{self.entity}")
        )
        if said["summary_type"] == "count":
            return f"COUNT({collection})"
        return f"{str(said['summary_type']).upper()}({collection}.{said['summary_field']})"

    def _default(self, kind: str, said: Said, found: dict[str, Any]) -> None:
        value = said.get("defaultValue")
        if value is None or "formula" in found:
            return
        if kind in ("choice", "multi_choice"):
            found["default"] = option_name(str(value))
        elif kind == "boolean":
            found["default"] = str(value) == "true" or value is True
        elif kind in ("decimal", "money"):
            found["default"] = int(str(value))
        else:
            found["default"] = value


def _respelled(text: str) -> str:
    """Return a formula without the way round through text by which it reads a percentage."""
    return re.sub(r"\(VALUE\(TEXT\((\w+)\)\) \* 0\.01\)", r"\1", text)
