"""The sheet that a filled text lies on: its letters, margins and page numbers, and our pictures."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from html import unescape
from pathlib import Path
from types import MappingProxyType

import segno
from markupsafe import escape

STYLE = Path(__file__).with_name("sheet.css")

NUMBERS: Mapping[str, str] = MappingProxyType(
    {
        "zh": '"第 " counter(page) " 页　共 " counter(pages) " 页"',
        "en": '"Page " counter(page) " of " counter(pages)',
    }
)
"""What stands at the foot of each page, by language."""

LONGEST_CODE = 1_000
"""Characters that a code to be scanned may hold."""

_LOGO = re.compile(r"""<img\b([^>]*?)\bsrc=["']logo:["']([^>]*)>""")

_CODE = re.compile(r"""\bsrc=["']qr:([^"']*)["']""")


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a paper is called, its language, and the logo as an address, "" for none."""

    title: str
    language: str
    logo: str = ""


def page_of(sheet: Sheet, body: str) -> str:
    """Return a whole page of HTML that has all it shows in it.

    `<img src="logo:">` becomes the tenant's logo, or nothing, and `<img src="qr:…">` a code that
    phones read.
    """
    shown = _LOGO.sub(lambda found: _logo(sheet, found), body)
    shown = _CODE.sub(lambda found: f'src="{escape(_code(unescape(found[1])))}"', shown)
    foot = NUMBERS.get(sheet.language, NUMBERS["en"])
    return (
        f'<!doctype html><html lang="{escape(sheet.language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(sheet.title)}</title><style>{_style()}"
        f"@page {{ @bottom-right {{ content: {foot}; }} }}</style></head>"
        f'<body class="sheet">{shown}</body></html>'
    )


def _logo(sheet: Sheet, found: re.Match[str]) -> str:
    return f'<img{found[1]}src="{sheet.logo}"{found[2]}>' if sheet.logo else ""


def _code(text: str) -> str:
    """Return a code as the address of a picture; of an empty text, or too long a one, none."""
    if not text or len(text) > LONGEST_CODE:
        return "data:,"
    return str(segno.make(text, error="m", micro=False).png_data_uri(scale=8, border=0))


@cache
def _style() -> str:
    return STYLE.read_text("utf-8")
