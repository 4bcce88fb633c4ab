"""Salesforce's fields in our language."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.conversions.left_out import LeftOut
from tests.conversions.salesforce.formulas import Translator, Untranslatable
from tests.conversions.salesforce.reading import (
    Element,
    flag,
    inner,
    one,
    option_name,
    snake,
)

TYPES = {
    "Text": "text", "TextArea": "long_text", "LongTextArea": "long_text", "Html": "rich_text",
    "Checkbox": "boolean", "Currency": "money", "Percent": "percent", "Date": "date",
    "DateTime": "datetime", "Time": "time", "Email": "email", "Phone": "phone", "Url": "url",
    "Picklist": "choice", "MultiselectPicklist": "multi_choice", "Location": "location",
    "Lookup": "link", "MasterDetail": "link", "Number": "decimal", "Summary": "decimal",
    "MetadataRelationship": "text",
}  # fmt: skip

SUMMARIES = {"sum": "SUM", "min": "MIN", "max": "MAX", "count": "COUNT"}

ON_DELETE = {"SetNull": "clear", "Restrict": "restrict", "Cascade": "cascade"}

LONGEST = 16
"""Digits from which on a precision says no more than the type itself."""


def type_of(element: Element) -> str:
    """Return our type of a field."""
    kind = TYPES[one(element, "type") or "Lookup"]
    if kind == "decimal" and one(element, "scale") in ("", "0") and not element.get("formula"):
        counts = one(element, "summaryOperation") == "count"
        return "integer" if counts or one(element, "type") == "Number" else "decimal"
    if element.get("formula") and _shows_address(one(element, "formula")):
        return "url"
    return kind


def _shows_address(text: str) -> bool:
    """Return whether a formula makes a link or a picture, whose address we keep."""
    return re.match(r"\s*(if\s*\(.*)?(HYPERLINK|IMAGE)\s*\(", text, re.S | re.I) is not None


@dataclass(frozen=True, slots=True)
class FieldReader:
    """Reads the fields of one object; what our language does not say is noted in `left`."""

    entity: str
    translator: Translator
    condition: Callable[[str, Element], str]
    inverse: Callable[[str, str], str]
    left: LeftOut

    def read(self, name: str, element: Element) -> dict[str, Any]:
        """Return one field."""
        kind = type_of(element)
        found: dict[str, Any] = {"type": kind, "label": one(element, "label", name)}
        self._words(name, element, found)
        if flag(element, "required") or one(element, "type") == "MasterDetail":
            found["required"] = True
        if flag(element, "unique"):
            found["unique"] = True
        if flag(element, "externalId"):
            found["index"] = True
        if kind in ("link",):
            found |= self._link(name, element)
        if kind in ("choice", "multi_choice"):
            found |= self._options(name, element)
        self._limits(kind, element, found)
        self._default(name, kind, element, found)
        self._computed(name, element, found)
        return found

    def _words(self, name: str, element: Element, found: dict[str, Any]) -> None:
        help_, note = one(element, "inlineHelpText"), one(element, "description")
        if help_ or note:
            found["help"] = help_ or note
        if help_ and note and help_ != note:
            self.left.note("a note for administrators beside the help", self._at(name))

    def _link(self, name: str, element: Element) -> dict[str, Any]:
        to = one(element, "referenceTo")
        found: dict[str, Any] = {"to": "user" if to == "User" else snake(to)}
        if one(element, "relationshipName"):
            found["inverse"] = self.inverse(to, snake(one(element, "relationshipName")))
        if one(element, "type") == "MasterDetail":
            found["on_delete"] = "cascade"
        elif one(element, "deleteConstraint"):
            found["on_delete"] = ON_DELETE[one(element, "deleteConstraint")]
        rule = inner(element, "lookupFilter")
        if rule:
            found["filter"] = self._lookup_filter(rule)
            if flag(rule, "isOptional"):
                self.left.note("a picker's filter that may be passed over", self._at(name))
        return found

    def _lookup_filter(self, rule: Element) -> str:
        """Return a picker's filter: `$Source` is the record that picks."""
        parts = []
        for item in rule["filterItems"]:
            field, other = one(item, "field"), one(item, "valueField")
            if field.startswith("$Source."):
                field, other = other, field
            path = ".".join(snake(part) for part in field.split(".")[1:])
            mine = ".".join(snake(part) for part in other.removeprefix("$Source.").split("."))
            parts.append(f"{path} == this.{mine}")
        return " and ".join(parts)

    def _options(self, name: str, element: Element) -> dict[str, Any]:
        values = inner(element, "valueSet")
        if one(values, "valueSetName"):
            found: dict[str, Any] = {"choices": snake(one(values, "valueSetName"))}
        else:
            listed = inner(values, "valueSetDefinition").get("value", [])
            found = {"options": read_options(listed)}
            if not found["options"]:
                self.left.note("a choice without options", self._at(name))
                found["options"] = {"none": {"label": "—"}}
            default = [one(each, "fullName") for each in listed if flag(each, "default")]
            if default:
                found["default"] = option_name(default[0])
        when = _dependent(values)
        if when:
            found["options_when"] = when
        return found

    def _limits(self, kind: str, element: Element, found: dict[str, Any]) -> None:
        if kind in ("text", "long_text") and one(element, "length"):
            found["max_length"] = int(one(element, "length"))
        scale = int(one(element, "scale") or "0")
        if kind in ("decimal", "money"):
            found["scale"] = scale
        if kind == "percent":
            found["scale"] = scale + 2
        digits = int(one(element, "precision") or "0") - scale
        if kind in ("integer", "decimal", "money") and 0 < digits < LONGEST - 2:
            most = 10**digits - 1
            found |= {"min": -most, "max": most}

    def _default(self, name: str, kind: str, element: Element, found: dict[str, Any]) -> None:
        text = one(element, "defaultValue")
        if not text or element.get("formula"):
            return
        if kind == "boolean":
            if text == "true":
                found["default"] = True
        elif kind in ("choice", "multi_choice"):
            found["default"] = option_name(text.strip("'\""))
        elif kind in ("integer", "decimal", "money") and re.fullmatch(r"-?[\d.]+", text):
            found["default"] = int(text) if "." not in text else text
        else:
            self._translated(name, "default_formula", text, found)

    def _computed(self, name: str, element: Element, found: dict[str, Any]) -> None:
        if element.get("summaryOperation"):
            found["formula"] = self._summary(element)
        elif element.get("formula"):
            self._translated(name, "formula", one(element, "formula"), found)
            if found["type"] == "text" and re.fullmatch(r"([\w.]+\.)?id", found.get("formula", "")):
                found["formula"] += ' & ""'
        if "formula" in found:
            for key in ("required", "min", "max", "max_length", "default"):
                found.pop(key, None)

    def _translated(self, name: str, key: str, text: str, found: dict[str, Any]) -> None:
        try:
            found[key] = self.translator.translate(text)
        except Untranslatable as reason:
            self.left.note(str(reason), self._at(name))

    def _summary(self, element: Element) -> str:
        child, _, link = one(element, "summaryForeignKey").partition(".")
        collection = self.inverse(child, f"<-{link}")
        function = SUMMARIES[one(element, "summaryOperation")]
        over = collection
        if one(element, "summarizedField"):
            over += "." + snake(one(element, "summarizedField").partition(".")[2])
        filters = [self.condition(child, each) for each in element.get("summaryFilterItems", [])]
        return f"{function}({', '.join([over, *([' and '.join(filters)] if filters else [])])})"

    def _at(self, name: str) -> str:
        return f"{self.entity}.{name}"


def read_options(values: list[Element]) -> dict[str, dict[str, Any]]:
    """Return the options of a list of values."""
    found: dict[str, dict[str, Any]] = {}
    for value in values:
        option: dict[str, Any] = {"label": one(value, "label") or one(value, "fullName")}
        if one(value, "isActive") == "false":
            option["active"] = False
        if one(value, "color"):
            option["color"] = one(value, "color")
        found[option_name(one(value, "fullName"))] = option
    return found


def _dependent(values: Element) -> Mapping[str, str]:
    """Return when each option may be chosen, from the values of the field that rules it."""
    ruler = snake(one(values, "controllingField")) if one(values, "controllingField") else ""
    found: dict[str, str] = {}
    for setting in values.get("valueSettings", []):
        allowed = setting.get("controllingFieldValue", [])
        option = option_name(one(setting, "valueName"))
        if allowed in (["checked"], ["unchecked"]):
            found[option] = ruler if allowed == ["checked"] else f"not {ruler}"
        else:
            listed = ", ".join(f'"{option_name(each)}"' for each in allowed)
            found[option] = f"{ruler} in [{listed}]"
    return found if ruler else {}
