"""Formatted text: what of HTML is kept, and what it reads as without its tags."""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser

import nh3

TAGS = frozenset(
    {
        "a", "b", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "hr", "i", "li",
        "ol", "p", "pre", "s", "span", "strong", "sub", "sup", "table", "tbody", "td", "th",
        "thead", "tr", "u", "ul",
    }
)  # fmt: skip
"""What a text may be formatted with; nothing that runs, loads or looks like part of the page."""

ATTRIBUTES = {"a": {"href"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}

SCHEMES = frozenset({"http", "https", "mailto", "tel"})

PAGES = ("https://", "http://")
"""What addresses of pages begin with."""

UNREAD = {"script", "style", "title"}
"""Tags of a page whose content nobody reads."""

BLOCKS = frozenset(
    {"blockquote", "br", "h1", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre", "table", "tr", "ul"}
)
"""Tags that begin a new line."""


def clean_html(text: str) -> str:
    """Return a text with nothing but the formatting that is kept; "" where nothing is to be read.

    What is no tag stays readable: `a < b` comes out as `a &lt; b`.
    """
    cleaned = nh3.clean(
        text,
        tags=set(TAGS),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        url_schemes=set(SCHEMES),
        link_rel="noopener noreferrer nofollow",
    )
    return cleaned.strip() if plain_text(cleaned) else ""


def plain_text(html: str, *, links: bool = False) -> str:
    """Return what cleaned HTML reads as: one line for each paragraph, item and row.

    With `links`, the address of a page stands behind the words that lead there, between the signs
    that RFC 3986 has for it among words.
    """
    reader = _Reader(links=links)
    reader.feed(html)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).split("\n"))
    return "\n".join(line for line in lines if line)


def page_text(html: str) -> str:
    """Return what any page reads as; cleaned first, no tags make it slow to read."""
    return plain_text(nh3.clean(html, tags=set(TAGS), attributes={}, clean_content_tags=UNREAD))


def html_of(text: str) -> str:
    """Return plain text as formatted text: a paragraph for each line, nothing in it a tag."""
    lines = (line.strip() for line in text.split("\n"))
    return "".join(f"<p>{escape(line, quote=False)}</p>" for line in lines if line)


class _Reader(HTMLParser):
    """Collects what stands between tags."""

    def __init__(self, *, links: bool = False) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._links = links
        self._link, self._since = "", 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a" and self._links:
            self._link, self._since = dict(attrs).get("href") or "", len(self.parts)
        elif tag in BLOCKS:
            self.parts.append("\n")
        elif tag in ("td", "th"):
            self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._link.startswith(PAGES):
            said = "".join(self.parts[self._since :]).strip()
            self.parts.append(f" <{self._link}>" if said != self._link else "")
            self._link = ""
        elif tag in BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        self.parts.append(data.replace("\n", " "))
