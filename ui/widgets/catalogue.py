"""The widget of every field type; a test holds it complete."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from metamodel.model import Field
from ui.widgets.boolean import BOOLEAN
from ui.widgets.choice import CHOICE, COLOR, MULTI_CHOICE, TAGS
from ui.widgets.contact_points import EMAIL, PHONE, URL
from ui.widgets.dates import DATE, DATETIME, TIME
from ui.widgets.encrypted import ENCRYPTED
from ui.widgets.files import FILE, IMAGE, SIGNATURE
from ui.widgets.link import LINK, LINKS
from ui.widgets.long_text import LONG_TEXT
from ui.widgets.number import DURATION, MONEY, NUMBER
from ui.widgets.percent import PERCENT, PROGRESS
from ui.widgets.rating import RATING
from ui.widgets.readonly import READONLY
from ui.widgets.rich_text import RICH_TEXT
from ui.widgets.structured import ADDRESS, JSON, LOCATION, PERIOD
from ui.widgets.text import BARCODE, CODE, TEXT
from ui.widgets.widget import Widget

WIDGETS: Mapping[str, Widget] = MappingProxyType(
    {
        "text": TEXT,
        "long_text": LONG_TEXT,
        "rich_text": RICH_TEXT,
        "email": EMAIL,
        "phone": PHONE,
        "url": URL,
        "code": CODE,
        "autonumber": CODE,
        "barcode": BARCODE,
        "integer": NUMBER,
        "decimal": NUMBER,
        "money": MONEY,
        "percent": PERCENT,
        "rating": RATING,
        "progress": PROGRESS,
        "duration": DURATION,
        "date": DATE,
        "datetime": DATETIME,
        "time": TIME,
        "period": PERIOD,
        "choice": CHOICE,
        "multi_choice": MULTI_CHOICE,
        "boolean": BOOLEAN,
        "tags": TAGS,
        "link": LINK,
        "links": LINKS,
        "user": LINK,
        "users": LINKS,
        "department": LINK,
        "team": LINK,
        "file": FILE,
        "image": IMAGE,
        "signature": SIGNATURE,
        "address": ADDRESS,
        "location": LOCATION,
        "color": COLOR,
        "json": JSON,
        "uuid": READONLY,
    }
)


def widget_of(field: Field) -> Widget:
    """Return the widget of a field."""
    return ENCRYPTED if field.encrypted else WIDGETS[field.type]
