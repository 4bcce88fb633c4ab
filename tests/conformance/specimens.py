"""One field of every type, with a value that the screens send and the words they show for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from metamodel.fieldtypes import FIELD_TYPES

NUMBERED = "id of the first customer"
"""Stands for a record that is only made when the test runs."""

PERSON = "id of the person"

UPLOADED = "id of an uploaded picture"


@dataclass(frozen=True, slots=True)
class Specimen:
    """What a field of a type says, what a form sends for it, and what each language shows.

    `sent` None: the field is worked out, not entered. `shown` are the words of a cell.
    """

    sent: Any
    zh: str = ""
    en: str = ""
    said: Mapping[str, Any] = field(default_factory=dict)

    def shown(self, language: str) -> str:
        return self.zh if language == "zh" else self.en or self.zh


OPTIONS = {
    "gold": {"label": {"zh": "金", "en": "Gold"}},
    "silver": {"label": {"zh": "银", "en": "Silver"}},
}

SPECIMENS: Mapping[str, Specimen] = {
    "text": Specimen("液压泵", "液压泵"),
    "long_text": Specimen("first line\nsecond", "first line"),
    "rich_text": Specimen("<p>a <strong>bold</strong> word</p>", "bold"),
    "email": Specimen("lin@example.com", "lin@example.com"),
    "phone": Specimen("+86 138 0013 8000", "138"),
    "url": Specimen("https://example.com/a", "https://example.com/a"),
    "code": Specimen("AB-12", "AB-12"),
    "autonumber": Specimen(None, "N-", said={"pattern": "N-{0000}"}),
    "barcode": Specimen("4006381333931", "4006381333931"),
    "integer": Specimen("1234567", "1,234,567"),
    "decimal": Specimen("12.5", "12.50", said={"scale": 2}),
    "money": Specimen("1999.9", "1,999.90"),
    "percent": Specimen("12.5%", "12.5%"),
    "rating": Specimen("4", "4"),
    "progress": Specimen("40%", "40%"),
    "duration": Specimen("5400", "1:30"),
    "date": Specimen("2026-03-01", "2026-03-01", "1 Mar 2026"),
    "datetime": Specimen("2026-03-01T02:00:00Z", "2026-03-01 10:00", "1 Mar 2026, 10:00"),
    "time": Specimen("09:30", "09:30"),
    "period": Specimen(
        {"from": "2026-03-01", "to": "2026-03-31"},
        "2026-03-01 – 2026-03-31",
        "1 Mar 2026 – 31 Mar 2026",
    ),
    "choice": Specimen("gold", "金", "Gold", said={"options": OPTIONS}),
    "multi_choice": Specimen(["gold", "silver"], "银", "Silver", said={"options": OPTIONS}),
    "boolean": Specimen(True, "是", "Yes"),
    "tags": Specimen(["vip", "华东"], "华东"),
    "link": Specimen(NUMBERED, "Harbour Works", said={"to": "customer"}),
    "links": Specimen([NUMBERED], "Harbour Works", said={"to": "customer"}),
    "user": Specimen(PERSON, "Lin Xiao"),
    "users": Specimen([PERSON], "Lin Xiao"),
    "department": Specimen(None),
    "team": Specimen(None),
    "file": Specimen([UPLOADED], "plan.png"),
    "image": Specimen([UPLOADED], "plan.png"),
    "signature": Specimen([UPLOADED], "plan.png"),
    "address": Specimen(
        {"country": "CN", "region": "广东省", "city": "深圳市", "street": "科苑路 1"},
        "广东省深圳市科苑路 1",
        "科苑路 1, 深圳市, 广东省",
    ),
    "location": Specimen({"lat": "22.5431", "lon": "114.0579"}, "22.5431, 114.0579"),
    "color": Specimen("#17695b", "#17695b"),
    "json": Specimen({"a": [1, 2]}, "&#34;a&#34;: [1, 2]"),
    "uuid": Specimen(None),
}


def active() -> list[str]:
    """Every type, in the order of the reference."""
    return list(FIELD_TYPES)


def app() -> dict[str, Any]:
    """An app with an entity that has a field of every type."""
    fields = {
        f"a_{name}": {
            "type": name,
            "label": {"zh": f"{FIELD_TYPES[name].label.text('zh')}栏", "en": f"The {name}"},
            "help": {"zh": f"{name} 的说明", "en": f"Help on {name}"},
            **SPECIMENS[name].said,
        }
        for name in active()
    }
    columns: dict[str, Any] = {"name": {}, **{name: {} for name in fields}}
    title = {"type": "text", "required": True, "search": True}
    return {
        "format": 1,
        "app": {
            "name": "specimens",
            "label": {"zh": "样本", "en": "Specimens"},
            "version": "1",
            "languages": ["zh", "en"],
            "currency": "CNY",
        },
        "entities": {
            "customer": {
                "label": {"zh": "客户", "en": "Customer"},
                "title": "name",
                "fields": {"name": title},
            },
            "specimen": {
                "label": {"zh": "样本", "en": "Specimen"},
                "plural": {"en": "Specimens"},
                "title": "name",
                "fields": {"name": {**title, "label": {"zh": "名称", "en": "Name"}}, **fields},
                "views": {"all": {"type": "list", "columns": columns}},
            },
        },
        "menu": {
            "customers": {"entity": "customer"},
            "specimens": {"entity": "specimen"},
        },
    }
