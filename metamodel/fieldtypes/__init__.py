"""The field types of the language: one file each, and the catalogue of them all."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from metamodel.fieldtypes.address import ADDRESS
from metamodel.fieldtypes.autonumber import AUTONUMBER
from metamodel.fieldtypes.barcode import BARCODE
from metamodel.fieldtypes.boolean import BOOLEAN
from metamodel.fieldtypes.choice import CHOICE
from metamodel.fieldtypes.code import CODE
from metamodel.fieldtypes.color import COLOR
from metamodel.fieldtypes.contract import FieldType, NotAValue, Options
from metamodel.fieldtypes.date import DATE
from metamodel.fieldtypes.datetime import DATETIME
from metamodel.fieldtypes.decimal import DECIMAL
from metamodel.fieldtypes.department import DEPARTMENT
from metamodel.fieldtypes.duration import DURATION
from metamodel.fieldtypes.email import EMAIL
from metamodel.fieldtypes.file import FILE
from metamodel.fieldtypes.image import IMAGE
from metamodel.fieldtypes.integer import INTEGER
from metamodel.fieldtypes.json import JSON
from metamodel.fieldtypes.link import LINK
from metamodel.fieldtypes.links import LINKS
from metamodel.fieldtypes.location import LOCATION
from metamodel.fieldtypes.long_text import LONG_TEXT
from metamodel.fieldtypes.money import MONEY
from metamodel.fieldtypes.multi_choice import MULTI_CHOICE
from metamodel.fieldtypes.percent import PERCENT
from metamodel.fieldtypes.period import PERIOD
from metamodel.fieldtypes.phone import PHONE
from metamodel.fieldtypes.progress import PROGRESS
from metamodel.fieldtypes.rating import RATING
from metamodel.fieldtypes.rich_text import RICH_TEXT
from metamodel.fieldtypes.signature import SIGNATURE
from metamodel.fieldtypes.tags import TAGS
from metamodel.fieldtypes.team import TEAM
from metamodel.fieldtypes.text import TEXT
from metamodel.fieldtypes.time import TIME
from metamodel.fieldtypes.url import URL
from metamodel.fieldtypes.user import USER
from metamodel.fieldtypes.users import USERS
from metamodel.fieldtypes.uuid import UUID

FIELD_TYPES: Mapping[str, FieldType] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            TEXT,
            LONG_TEXT,
            RICH_TEXT,
            EMAIL,
            PHONE,
            URL,
            CODE,
            AUTONUMBER,
            BARCODE,
            INTEGER,
            DECIMAL,
            MONEY,
            PERCENT,
            RATING,
            PROGRESS,
            DURATION,
            DATE,
            DATETIME,
            TIME,
            PERIOD,
            CHOICE,
            MULTI_CHOICE,
            BOOLEAN,
            TAGS,
            LINK,
            LINKS,
            USER,
            USERS,
            DEPARTMENT,
            TEAM,
            FILE,
            IMAGE,
            SIGNATURE,
            ADDRESS,
            LOCATION,
            COLOR,
            JSON,
            UUID,
        )
    }
)
"""Every field type by name, in the order of the reference."""

__all__ = ["FIELD_TYPES", "FieldType", "NotAValue", "Options"]
