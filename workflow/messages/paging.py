"""What a message looks like as mail: in plain words, and as a page that says the same."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from urllib.parse import urlsplit

from workflow.messages.following import Marks
from workflow.messages.message import Message

WAY_OUT = {
    "zh": "不想再收到此类邮件？退订：",
    "en": "You want no more of these mails? Unsubscribe: ",
}

_ADDRESS = re.compile(
    r"https?://[^\s<>\"'，。；、！？（）《》“”]+[^\s<>\"'，。；、！？（）《》“”.,;:!?)\]}]"
)
"""An address among words, without the punctuation of the sentence that it ends."""

Lead = Callable[[str], str]
"""Returns the address by way of which a link leads to a page."""

_STYLE = (
    "margin:0;padding:24px;font:16px/1.6 -apple-system,'PingFang SC','Microsoft YaHei',"
    "Helvetica,Arial,sans-serif;color:#23241f"
)

_BUTTON = (
    "display:inline-block;min-width:20px;margin:0 8px 8px 0;padding:10px 14px;border-radius:6px;"
    "border:1px solid #c9c8c0;color:#23241f;text-align:center;text-decoration:none"
)


@dataclass(frozen=True, slots=True)
class Question:
    """A form that a message asks to be filled in: its address, and one more for each score."""

    label: str
    link: str
    scores: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Paging:
    """A message with what else its mail brings; blank and None: nothing.

    With `marks`, its page tells when it is opened, and its links when they are followed, but for
    the way out. The addresses among its words stay as they are.
    """

    message: Message
    way_out: str = ""
    question: Question | None = None
    marks: Marks | None = None

    @property
    def words(self) -> str:
        """The message in plain words."""
        parts = [self.message.body]
        if self.question is not None:
            parts.append(f"{self.question.label}\n{self.question.link}")
        if self.way_out:
            parts.append(f"{self._leaving}{self.way_out}")
        return "\n\n".join(parts) + "\n"

    @property
    def page(self) -> str:
        """The message in HTML."""
        lead = self.marks.leading if self.marks is not None else str
        parts = self.message.body.split("\n\n")
        blocks = (_linked(each, lead).replace("\n", "<br>") for each in parts)
        text = "".join(f'<p style="margin:0 0 16px">{each}</p>' for each in blocks)
        if self.question is not None:
            text += _asked(self.question, lead)
        if self.way_out:
            way, shown = escape(self._leaving), escape(urlsplit(self.way_out).netloc)
            text += (
                f'<p style="margin:32px 0 0;font-size:13px;color:#6b6b66">{way}'
                f'<a href="{escape(self.way_out)}" style="color:#6b6b66">{shown}</a></p>'
            )
        if self.marks is not None:
            text += f'<img src="{escape(self.marks.picture)}" width="1" height="1" alt="">'
        return f'<!doctype html><html><body style="{_STYLE}">{text}</body></html>'

    @property
    def _leaving(self) -> str:
        language = str(self.message.detail.get("language", ""))
        return WAY_OUT.get(language[:2], WAY_OUT["en"])


def _linked(text: str, lead: Lead) -> str:
    """Return words in HTML, the addresses of pages among them as links."""
    found, at = "", 0
    for match in _ADDRESS.finditer(text):
        link = f'<a href="{escape(lead(match[0]))}">{escape(match[0])}</a>'
        found += f"{escape(text[at : match.start()])}{link}"
        at = match.end()
    return found + escape(text[at:])


def _asked(question: Question, lead: Lead) -> str:
    said = escape(question.label)
    if not question.scores:
        link = f'<a href="{escape(lead(question.link))}" style="{_BUTTON}">{said}</a>'
        return f'<p style="margin:0 0 16px">{link}</p>'
    scores = "".join(
        f'<a href="{escape(lead(link))}" style="{_BUTTON}">{score}</a>'
        for score, link in question.scores
    )
    return f'<p style="margin:0 0 8px">{said}</p><p style="margin:0 0 16px">{scores}</p>'
