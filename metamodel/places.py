"""What the elements of a model are called by people: by their labels, in everyday words."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from metamodel.dashboards import Menu, MenuEntry
from metamodel.label import Label
from metamodel.model import Model

Path = tuple[str, ...]
"""The way to an element: parts and keys in turn, as ("entities", "customer", "fields", "phone")."""

KINDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "app": ("the app", "应用"),
        "menu": ("menu", "菜单"),
        "entities": ("form", "表单"),
        "title": ("title", "标题"),
        "members": ("people of a record", "相关人员"),
        "fields": ("field", "字段"),
        "options": ("option", "选项"),
        "pipelines": ("process", "流程"),
        "stages": ("stage", "阶段"),
        "rules": ("rule", "规则"),
        "unique": ("uniqueness", "唯一性"),
        "duplicates": ("duplicate check", "查重"),
        "indexes": ("index", "索引"),
        "converts": ("conversion", "转换"),
        "buttons": ("button", "按钮"),
        "forms": ("page", "页面"),
        "tabs": ("tab", "标签页"),
        "sections": ("section", "分组"),
        "items": ("item", "表单项"),
        "views": ("view", "视图"),
        "columns": ("column", "列"),
        "widgets": ("widget", "图表"),
        "modules": ("module", "模块"),
        "choices": ("shared options", "公共选项"),
        "settings": ("setting", "设置"),
        "roles": ("role", "角色"),
        "dashboards": ("dashboard", "看板"),
        "automations": ("automation", "自动化"),
        "approvals": ("approval", "审批"),
        "pools": ("pool", "公海"),
        "service_levels": ("service level", "服务承诺"),
        "reports": ("report", "报表"),
        "documents": ("document", "文档"),
        "messages": ("message", "消息"),
        "public_forms": ("public form", "公开表单"),
        "portals": ("portal", "门户"),
        "segments": ("segment", "分群"),
        "calendars": ("calendar", "日历"),
        "scenarios": ("business test", "业务测试"),
        "starter_records": ("starter record", "初始记录"),
        "convert": ("conversion", "转换"),
        "steps": ("step", "步骤"),
        "set": ("value", "取值"),
        "copy": ("taking over", "带入"),
        "measures": ("figure", "指标"),
        "when": ("condition", "条件"),
        "enter_when": ("condition of entering", "进入条件"),
        "filter": ("filter", "筛选"),
        "formula": ("formula", "公式"),
    }
)
"""Kinds of elements, singular, by the part of a model that they stand in: English, Chinese."""


def place_text(model: Model, path: Path, language: str) -> str:
    """Return what an element is called, from the outside in: `Customer › field “Phone”`.

    `path` is one of keys; what has no label is called by its key.
    """
    at = 1 if language.startswith("zh") else 0
    element: object = model
    said: list[str] = []
    for part, key in zip(path[::2], path[1::2], strict=False):
        element = _below(element, part, key)
        name = _called(element, language) or key
        kind = KINDS.get(part, (part, part))[at]
        said.append(name if part == "entities" else _quoted(kind, name, at))
    if len(path) % 2:
        said.append(KINDS.get(path[-1], (path[-1], path[-1]))[at])
    return " › ".join(said)


def called_at(model: Model, path: Path, language: str) -> str:
    """Return the label of what a path of keys leads to, its key where it has none."""
    element: object = model
    for part, key in zip(path[::2], path[1::2], strict=True):
        element = _below(element, part, key)
    return _called(element, language) or path[-1]


def kind_text(path: Path, language: str) -> str:
    """Return what kind of element a path leads to: `field`, `字段`."""
    part = path[-1] if len(path) % 2 else path[-2]
    return KINDS.get(part, (part, part))[1 if language.startswith("zh") else 0]


def _quoted(kind: str, name: str, at: int) -> str:
    return f"{kind}“{name}”" if at else f"{kind} “{name}”"


def _below(element: object, part: str, key: str) -> object:
    found = getattr(element, part, None)
    if isinstance(found, Menu):
        return _entry(found.entries, key)
    if isinstance(found, Mapping):
        return found.get(key)
    listed = found if isinstance(found, tuple) else ()
    return next((each for each in listed if key in (_key(each), getattr(each, "name", ""))), None)


def _entry(entries: tuple[MenuEntry, ...], key: str) -> MenuEntry | None:
    for each in entries:
        found = each if each.key == key else _entry(each.entries, key)
        if found is not None:
            return found
    return None


def _key(element: object) -> str:
    return str(getattr(element, "key", ""))


def _called(element: object, language: str) -> str:
    label = getattr(element, "label", None)
    return label.text(language) if isinstance(label, Label) else ""
