"""A folder of Salesforce metadata as one app in our language."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.conversions.left_out import LeftOut
from tests.conversions.salesforce.fields import FieldReader, read_options, type_of
from tests.conversions.salesforce.formulas import Translator, Untranslatable
from tests.conversions.salesforce.reading import Element, files_of, flag, inner, one, snake
from tests.conversions.salesforce.rights import read_roles
from tests.conversions.salesforce.rollups import add_rollups, declared
from tests.conversions.salesforce.screens import ScreenReader
from tests.conversions.salesforce.standard import BUILT_IN, FIELDS, STANDARD

NOT_OURS = {
    "flow-meta.xml": "a flow: screens and steps of a program",
    "report-meta.xml": "a report of Salesforce's own engine",
    "dashboard-meta.xml": "a dashboard over such reports",
    "fieldSet-meta.xml": "a set of fields for program code",
    "webLink-meta.xml": "a button that runs a script or opens an address",
    "profile": "a profile of Salesforce's own licences",
    "sharingRules": "a rule that shares with the public site's guest",
}
"""Kinds of files with no counterpart, and why."""


@dataclass(slots=True)
class Thing:
    """One object: what its own file says, its fields, and the rest by kind."""

    api: str
    said: Element = field(default_factory=dict)
    fields: dict[str, Element] = field(default_factory=dict)
    rules: list[Element] = field(default_factory=list)
    views: list[Element] = field(default_factory=list)
    compact: list[Element] = field(default_factory=list)
    layouts: list[Element] = field(default_factory=list)

    @property
    def setting(self) -> bool:
        return "customSettingsType" in self.said


@dataclass(slots=True)
class Org:
    """Everything in a folder, read before anything is converted."""

    root: Path
    left: LeftOut
    things: dict[str, Thing] = field(default_factory=dict)
    labels: set[str] = field(default_factory=set)

    def read(self) -> None:
        """Read all files below the folder."""
        for kind, into in (
            ("field-meta.xml", ""), ("validationRule-meta.xml", "rules"),
            ("listView-meta.xml", "views"), ("compactLayout-meta.xml", "compact"),
        ):  # fmt: skip
            for path, element in files_of(self.root, kind):
                thing = self.thing(path.parent.parent.name)
                if into:
                    getattr(thing, into).append(element)
                else:
                    thing.fields[one(element, "fullName")] = element
        for path, element in files_of(self.root, "object-meta.xml"):
            self.thing(path.name.partition(".")[0]).said = element
        for path, element in files_of(self.root, "layout-meta.xml"):
            self.thing(path.name.partition("-")[0]).layouts.append(element)
        for api in _named_elsewhere(self.root):
            self.thing(api)
        for kind, reason in NOT_OURS.items():
            for path in sorted(self.root.rglob(f"*.{kind}")):
                self.left.note(reason, path.name.partition(".")[0])

    def thing(self, api: str) -> Thing:
        """Return an object, known from now on."""
        return self.things.setdefault(api, Thing(api))

    def complete(self) -> None:
        """Add the standard objects that links lead to."""
        waiting = list(self.things)
        while waiting:
            thing = self.things[waiting.pop()]
            targets = [one(each, "referenceTo") for each in thing.fields.values()]
            ours = STANDARD.get(thing.api, {}).values()
            targets += [api for each in ours for api in STANDARD if snake(api) == each.get("to")]
            for api in targets:
                if api in STANDARD and api not in self.things:
                    self.thing(api)
                    waiting.append(api)

    def entities(self) -> list[Thing]:
        """Return the objects that become entities."""
        found = []
        for thing in self.things.values():
            if thing.setting or thing.api in BUILT_IN:
                continue
            if thing.api.endswith("__e"):
                self.left.note("an event on Salesforce's bus", thing.api)
            elif thing.said or thing.api in STANDARD:
                found.append(thing)
            else:
                self.left.note("screens of an object that is not in the set", thing.api)
        return found

    def kind(self, api: str, path: Sequence[str]) -> str:
        """Return our type of the field at the end of a path of API names, blank for none."""
        thing = self.things.get(api)
        if thing is None:
            return ""
        step = path[0]
        element = thing.fields.get(step) or thing.fields.get(step.replace("__r", "__c"))
        if element is None:
            return self._standard(api, path)
        if len(path) == 1:
            return type_of(element)
        return self.kind(one(element, "referenceTo"), path[1:])

    def _standard(self, api: str, path: Sequence[str]) -> str:
        if path[0] in FIELDS:
            return "datetime" if path[0].endswith("Date") else "link"
        found = STANDARD.get(api, {}).get(path[0], {})
        return str(found.get("type", "text" if path[0] == "Name" else ""))


def _named_elsewhere(root: Path) -> Iterator[str]:
    """Yield the objects that sample records and declared roll-ups are about."""
    for path in sorted((root / "data").glob("*.json")):
        found = json.loads(path.read_text(encoding="utf-8"))
        for record in found["records"] if isinstance(found, dict) else ():
            yield record["attributes"]["type"]
    for _, said in declared(root):
        yield from (said["ChildObject"], said["ParentObject"])


def convert(root: Path, name: str) -> tuple[dict[str, Any], LeftOut]:
    """Return the app that a folder describes, and what our language does not say of it."""
    left = LeftOut()
    org = Org(root, left)
    org.read()
    org.complete()
    entities = {thing.api: _entity(org, thing) for thing in org.entities()}
    ours = {snake(api): each for api, each in entities.items()}
    add_rollups(root, ours, left)
    app: dict[str, Any] = {
        "format": 1,
        "app": {"name": name, "label": name.replace("_", " ").title(), "languages": ["en"],
                "currency": "USD", "timezone": "America/New_York", "version": "1"},
        "settings": _settings(org),
        "choices": {
            snake(path.name.partition(".")[0]): {"options": read_options(each["customValue"])}
            for path, each in files_of(root, "globalValueSet-meta.xml")
        },
        "entities": ours,
        "roles": read_roles(root, ours, left),
    }  # fmt: skip
    return {key: value for key, value in app.items() if value}, left


def _entity(org: Org, thing: Thing) -> dict[str, Any]:
    translator = _translator(org, thing)
    screens = _screens(org, thing)
    entity: dict[str, Any] = {
        "label": one(thing.said, "label") or thing.api,
        "fields": _own_fields(thing) | _fields(org, thing, translator),
    }
    if one(thing.said, "pluralLabel"):
        entity["plural"] = one(thing.said, "pluralLabel")
    if one(thing.said, "description"):
        entity["help"] = one(thing.said, "description")
    if one(thing.said, "sharingModel") != "ControlledByParent":
        entity["owned"] = True
    if flag(thing.said, "enableHistory") or flag(thing.said, "enableFeeds"):
        entity["track"] = True
    entity["rules"] = _rules(org, thing, translator)
    entity["views"] = {snake(one(each, "fullName")): screens.view(each) for each in thing.views}
    if thing.layouts:
        form = screens.form(thing.layouts[0])
        if thing.compact:
            form["header"] = {"figures": screens.figures(thing.compact[0])}
        entity["forms"] = {"default": form} if form["sections"] else {}
    return {key: value for key, value in entity.items() if value}


def _own_fields(thing: Thing) -> dict[str, Any]:
    """Return the fields that an object has without a file: its name, and standard ones."""
    found = {snake(name): dict(each) for name, each in STANDARD.get(thing.api, {}).items()}
    name = inner(thing.said, "nameField")
    if name and one(name, "type") == "AutoNumber":
        pattern = one(name, "displayFormat")
        found["name"] = {"type": "autonumber", "pattern": pattern, "label": one(name, "label")}
    elif name or "name" not in found:
        found["name"] = {"type": "text", "label": one(name, "label") or "Name", "search": True}
    return found


def _fields(org: Org, thing: Thing, translator: Translator) -> dict[str, Any]:
    reader = FieldReader(
        thing.api,
        translator,
        lambda child, item: _condition(org, child, item),
        lambda to, name: inverse(org, to, name),
        org.left,
    )
    return {snake(name): reader.read(name, each) for name, each in thing.fields.items()}


def _rules(org: Org, thing: Thing, translator: Translator) -> dict[str, Any]:
    found = {}
    for rule in thing.rules:
        name = one(rule, "fullName")
        if not flag(rule, "active"):
            org.left.note("a rule that is switched off", f"{thing.api}.{name}")
            continue
        try:
            when = translator.translate(one(rule, "errorConditionFormula"))
        except Untranslatable as reason:
            org.left.note(str(reason), f"{thing.api}.{name}")
            continue
        found[snake(name)] = {"refuse_when": when, "message": one(rule, "errorMessage")}
        if one(rule, "errorDisplayField"):
            found[snake(name)]["at"] = snake(one(rule, "errorDisplayField"))
    return found


def _translator(org: Org, thing: Thing) -> Translator:
    def setting(group: str, name: str) -> str:
        if group == "Label":
            org.labels.add(name)
            return f"label_{snake(name)}"
        return f"{snake(group)}_{snake(name)}"[:60]

    return Translator(lambda path: org.kind(thing.api, path), setting)


def _settings(org: Org) -> dict[str, Any]:
    """Return custom settings, and texts that formulas take from labels, as settings."""
    found: dict[str, Any] = {}
    for thing in (each for each in org.things.values() if each.setting):
        for name, element in thing.fields.items():
            kind = type_of(element)
            if kind not in ("boolean", "integer", "decimal"):
                kind = "text"
            default = one(element, "defaultValue")
            value = default == "true" if kind == "boolean" else default or None
            made: dict[str, Any] = {"type": kind, "label": one(element, "label", name)}
            if value is not None and kind in ("boolean", "text"):
                made["default"] = value.strip('"') if isinstance(value, str) else value
            found[f"{snake(thing.api)}_{snake(name)}"[:60]] = made
    for name in sorted(org.labels):
        text = name.removeprefix("ap_").replace("_", " ")
        found[f"label_{snake(name)}"] = {"type": "text", "default": text, "label": name}
    return found


def inverse(org: Org, api: str, name: str) -> str:
    """Return the name of a collection: by its wish, or (`<-Link__c`) of the link that makes it."""
    if not name.startswith("<-"):
        return name
    element = _link_of(org.things.get(api), name[2:])
    return snake(one(element, "relationshipName")) if element else ""


def _link_of(thing: Thing | None, link: str) -> Element:
    return thing.fields.get(link, {}) if thing is not None else {}


def _condition(org: Org, child: str, item: Element) -> str:
    """Return a filter over the records of a child object."""
    return _screens(org, org.thing(child)).condition(item)


def _screens(org: Org, thing: Thing) -> ScreenReader:
    return ScreenReader(
        entity=thing.api,
        kind=lambda name: _kind_of_name(org, thing, name),
        fixed=lambda name: _fixed(thing, name),
        options=lambda name: _options(thing, name),
        collection=lambda child, link: inverse(org, child, f"<-{link}"),
        left=org.left,
    )


def _options(thing: Thing, name: str) -> frozenset[str]:
    """Return what a choice of an object offers; empty for a shared set, which is not looked up."""
    for api, element in thing.fields.items():
        if snake(api) == name:
            listed = inner(inner(element, "valueSet"), "valueSetDefinition").get("value", [])
            return frozenset(read_options(listed))
    return frozenset()


def _fixed(thing: Thing, name: str) -> bool:
    """Return whether nobody enters a field: it is computed, numbered or kept by itself."""
    named = inner(thing.said, "nameField")
    if name in FIELDS.values() or (name == "name" and one(named, "type") == "AutoNumber"):
        return True
    found = [each for api, each in thing.fields.items() if snake(api) == name]
    return any(each.get("formula") or each.get("summaryOperation") for each in found)


def _kind_of_name(org: Org, thing: Thing, name: str) -> str:
    """Return the type of a field by our name of it."""
    own: Mapping[str, Any] = _own_fields(thing)
    if name in own:
        return str(own[name]["type"])
    if name in FIELDS.values():
        ruled = one(thing.said, "sharingModel") == "ControlledByParent"
        if name == "owner" and ruled:
            return ""
        return "datetime" if name.endswith("_at") else "link"
    for api, element in thing.fields.items():
        if snake(api) == name:
            return type_of(element)
    return ""
