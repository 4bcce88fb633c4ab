"""Field types as an administrator chooses among them: in groups, with an icon and plain words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from metamodel.fieldtypes import FIELD_TYPES
from metamodel.fieldtypes.contract import label
from metamodel.label import Label
from ui.screen import Screen

FALLBACK = "forms"


@dataclass(frozen=True, slots=True)
class TypeChoice:
    """One type in the chooser: its name, what it is called, what it is good for."""

    name: str
    label: str
    icon: str
    hint: str


@dataclass(frozen=True, slots=True)
class TypeGroup:
    """Types that hold the same sort of thing."""

    label: str
    types: tuple[TypeChoice, ...]


HINTS: Mapping[str, tuple[str, Label]] = MappingProxyType(
    {
        "text": ("letter-case", label("A name, a model, a few words", "名称、型号等一行文字")),
        "long_text": ("align-left", label("Several lines of plain text", "多行文字")),
        "rich_text": (
            "text-size",
            label("Text with headings, lists, links", "带标题、列表、链接的文字"),
        ),
        "phone": ("phone", label("Can be called with one touch", "一键拨号")),
        "email": ("mail", label("An e-mail address", "电子邮件地址")),
        "url": ("link", label("The address of a web page", "网页地址")),
        "code": ("hash", label("A short code in a fixed shape", "固定格式的编码")),
        "autonumber": (
            "list-numbers",
            label("Counts by itself, such as Q-2026-0001", "自动编号，如 Q-2026-0001"),
        ),
        "barcode": ("barcode", label("Can be scanned with the camera", "可用摄像头扫描")),
        "integer": ("number", label("A whole number", "整数，如数量、人数")),
        "decimal": ("decimal", label("A number with decimals", "带小数的数")),
        "money": ("currency-yuan", label("An amount of money", "金额")),
        "percent": ("percentage", label("A share or a rate", "比例、折扣、税率")),
        "rating": ("star", label("One to five stars", "一到五颗星")),
        "progress": ("progress", label("How far something is", "完成进度")),
        "duration": ("hourglass", label("A length of time", "时长")),
        "date": ("calendar", label("A day", "某一天")),
        "datetime": ("calendar-time", label("A day and a time", "日期和时刻")),
        "time": ("clock", label("A time of day", "一天中的时刻")),
        "period": ("calendar-stats", label("From one day to another", "起止日期")),
        "choice": ("circle-dot", label("One of several options", "从选项中选一个")),
        "multi_choice": ("checkbox", label("Several of the options", "从选项中选多个")),
        "boolean": ("toggle-right", label("Yes or no", "是或否")),
        "tags": ("tags", label("Free words to find things by", "自由标签")),
        "link": ("arrow-up-right", label("Points to one other record", "关联一条其他记录")),
        "links": ("arrows-split-2", label("Points to several other records", "关联多条其他记录")),
        "user": ("user", label("One colleague", "一位同事")),
        "users": ("users", label("Several colleagues", "多位同事")),
        "department": ("sitemap", label("A department", "部门")),
        "team": ("users-group", label("A team", "团队")),
        "file": ("paperclip", label("Documents of any kind", "任意文件")),
        "image": ("photo", label("Pictures, with a preview", "图片，可预览")),
        "signature": ("signature", label("Signed by finger or pen", "手写签名")),
        "address": ("map-pin", label("Province, city, district, street", "省市区与街道")),
        "location": ("current-location", label("A point on the map", "地图上的位置")),
        "color": ("palette", label("A colour", "颜色")),
        "json": ("braces", label("Structured data for programs", "供程序使用的结构化数据")),
        "uuid": ("fingerprint", label("A key of another system", "其他系统的标识")),
    }
)
"""Icon and a few words for every type; a test holds it complete."""

GROUPS: tuple[tuple[Label, tuple[str, ...]], ...] = (
    (label("Text", "文字"), ("text", "long_text", "rich_text", "phone", "email", "url")),
    (label("Numbers", "数字"), ("integer", "decimal", "money", "percent", "rating", "progress")),
    (label("Dates and times", "日期与时间"), ("date", "datetime", "time", "period", "duration")),
    (label("Choices", "选择"), ("choice", "multi_choice", "boolean", "tags")),
    (
        label("People and other records", "人员与关联"),
        ("link", "links", "user", "users", "department", "team"),
    ),
    (
        label("Files and places", "文件与位置"),
        ("file", "image", "signature", "address", "location"),
    ),
    (label("Codes and more", "编码与其他"), ("autonumber", "code", "barcode", "color", "json")),
)
"""The chooser, in order. Keys of other systems are not made on a screen."""


def type_groups(screen: Screen) -> tuple[TypeGroup, ...]:
    """Return the chooser of types in the person's language."""
    return tuple(
        TypeGroup(
            screen.label(heading),
            tuple(_choice(screen, name) for name in names),
        )
        for heading, names in GROUPS
    )


def type_label(screen: Screen, name: str) -> str:
    """Return what a type is called."""
    kind = FIELD_TYPES.get(name)
    return screen.label(kind.label, name) if kind else name


def type_icon(name: str) -> str:
    """Return the icon of a type."""
    return HINTS[name][0] if name in HINTS else FALLBACK


def _choice(screen: Screen, name: str) -> TypeChoice:
    icon, hint = HINTS[name]
    return TypeChoice(name, type_label(screen, name), icon, screen.label(hint))
