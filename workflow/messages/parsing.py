"""Mail as it came, read as far as it can be: nothing that somebody sends stops the reading."""

from __future__ import annotations

import re
from codecs import lookup
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.errors import MessageError
from email.header import decode_header
from email.message import Message as Parsed
from email.parser import BytesParser
from email.policy import Compat32
from email.utils import getaddresses
from hashlib import sha256

from engine.errors import EngineError
from engine.values.refusals import storable
from engine.values.richtext import page_text

LONGEST_TEXT = 200_000
"""Characters of a mail that are kept."""

MOST_FILES = 50
"""Files of one mail that are kept."""

LONGEST_PAGE = 500_000
"""Characters of a page that are read for its text."""

LONGEST_HEADER = 50_000
"""Characters of a header that are read: what reads them takes the square of their length."""

MOST_PARTS = 50_000
"""Lines that may begin a part of a mail; one with more is made to be unreadable."""

LONGEST_ID = 250

_ID = re.compile(r"<([^<>\s]{1,900})>")
_NO_WRITING = frozenset({"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"})
"""What Python can decode, but no mail is written in; one of them takes hours."""

_EARLIER = re.compile(
    r"^(?:>|-{2,}\s*(?:original message|原始邮件|转发的邮件|forwarded message)|发件人[:：]|"
    r"on .{4,200} wrote:\s*$|.{4,200}(?:写道|寫道)[:：]\s*$|from:\s.+@)",
    re.IGNORECASE,
)
_SEEN = ("unknown-8bit", "us-ascii")
_FIRST_GUESSES = ("utf-8", "gb18030", "latin-1")


class _Cut(Compat32):
    """Reads no more of a header than is kept."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[:LONGEST_HEADER]


class Unreadable(EngineError):
    """Bytes that are no mail, or mail that is made to be unreadable."""

    code = "mail_unreadable"


@dataclass(frozen=True, slots=True)
class CameAlong:
    """A file of a mail."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Incoming:
    """One mail: ids without brackets, addresses as they are compared.

    `answers` are the ids of what it answers, the nearest first. `text` is all it says, `fresh`
    that without what it quotes. `left_out` is how many files it has beyond those kept, `dated` when
    its sender says that it was written, as it stands there.
    """

    message_id: str
    sender: str
    name: str
    to: tuple[str, ...]
    subject: str
    text: str
    answers: tuple[str, ...]
    files: tuple[CameAlong, ...]
    left_out: int = 0
    dated: str = ""

    @property
    def other_id(self) -> str:
        """What it is known by where another mail has its id: some programs give all the same."""
        told = "\n".join((self.message_id, self.sender, self.dated))
        return f"sha256-{sha256(told.encode()).hexdigest()}@joinery.invalid"

    @property
    def fresh(self) -> str:
        """What was written now, without the earlier mails below it."""
        return without_earlier(self.text) or ("" if self.answers else self.text.strip())


def read_mail(raw: bytes) -> Parsed:
    """Return a mail in parts; raise `Unreadable`."""
    if raw.count(b"\n--") > MOST_PARTS:
        raise Unreadable
    try:
        return BytesParser(policy=_Cut()).parsebytes(raw)
    except (RecursionError, ValueError, LookupError, TypeError, MessageError) as error:
        raise Unreadable from error


def incoming(parsed: Parsed, raw: bytes) -> Incoming:
    """Return what a mail says."""
    sender, name = sender_of(parsed)
    text, files, left_out = _content(parsed)
    return Incoming(
        message_id=id_of(parsed, raw),
        sender=sender,
        name=name,
        to=tuple(_addresses(parsed, "To", "Cc", "Delivered-To", "X-Original-To")),
        subject=header(parsed, "Subject")[:500],
        text=text,
        answers=_answers(parsed),
        files=files,
        left_out=left_out,
        dated=header(parsed, "Date")[:100],
    )


def header(parsed: Parsed, name: str) -> str:
    """Return a header as people read it, on one line; blank where there is none."""
    wanted = name.lower()
    held = next((value for key, value in parsed.raw_items() if key.lower() == wanted), None)
    return "" if held is None else " ".join(storable(_unfolded(str(held))).split())


def sender_of(parsed: Parsed) -> tuple[str, str]:
    """Return the address that a mail is from, and the name; blank where it says none."""
    found = getaddresses([header(parsed, "From")])
    name, address = next(((n, a) for n, a in found if "@" in a), ("", ""))
    return address.strip().lower()[:254], name.strip()[:200]


def id_of(parsed: Parsed, raw: bytes) -> str:
    """Return what a mail is known by; one without an id is known by its content."""
    found = _ID.search(header(parsed, "Message-ID"))
    if found is None:
        return f"sha256-{sha256(raw).hexdigest()}@joinery.invalid"
    return found[1] if len(found[1]) <= LONGEST_ID else sha256(found[1].encode()).hexdigest()


def without_earlier(text: str) -> str:
    """Return what stands above the first line that begins an earlier mail, else what is below."""
    lines = text.splitlines()
    earlier = [_EARLIER.match(line.strip()) is not None for line in lines]
    above = "\n".join(lines[: earlier.index(True)] if True in earlier else lines).strip()
    below = (line for line, is_earlier in zip(lines, earlier, strict=True) if not is_earlier)
    return above or "\n".join(below).strip()


def _answers(parsed: Parsed) -> tuple[str, ...]:
    nearest = _ID.findall(header(parsed, "In-Reply-To"))
    chain = _ID.findall(header(parsed, "References"))
    return tuple(dict.fromkeys([*nearest, *reversed(chain)]))[:50]


def _addresses(parsed: Parsed, *names: str) -> Iterator[str]:
    written = [header(parsed, name) for name in names if name in parsed]
    for _, address in getaddresses(written):
        if "@" in address:
            yield address.strip().lower()


def _content(parsed: Parsed) -> tuple[str, tuple[CameAlong, ...], int]:
    """Return the text of a mail, its files, and how many files are left out."""
    plain: list[str] = []
    pages: list[str] = []
    files: list[CameAlong] = []
    left_out = 0
    for part in _leaves(parsed):
        kind = part.get_content_type()
        name = _file_name(part)
        if not name and kind in ("text/plain", "text/html"):
            (plain if kind == "text/plain" else pages).append(_text(part))
            continue
        content = _bytes(part)
        if content is None or len(files) >= MOST_FILES:
            left_out += 1
        elif content:
            files.append(CameAlong(name or f"{kind.replace('/', '.')}", content))
    text = "\n".join(plain).strip() or "\n".join(_read(page) for page in pages)
    return _clean(text), tuple(files), left_out


def _leaves(parsed: Parsed) -> Iterator[Parsed]:
    """Yield the parts of a mail that hold something; a mail within a mail is one of them."""
    waiting = [parsed]
    while waiting:
        part = waiting.pop()
        inner = part.get_payload()
        if part.get_content_maintype() == "message" or not isinstance(inner, list):
            yield part
        else:
            waiting += [each for each in reversed(inner) if isinstance(each, Parsed)]


def _file_name(part: Parsed) -> str:
    try:
        found = part.get_filename()
    except (ValueError, LookupError, TypeError, MessageError):
        found = "attachment"
    if found is None and part.get_content_type() == "message/rfc822":
        return "message.eml"
    if found is None:
        return "attachment" if part.get_content_disposition() == "attachment" else ""
    return storable(_unfolded(found))[:200]


def _unfolded(written: str) -> str:
    """Return a header without its encoding; what stands in it as bare bytes is read, too."""
    text = _decoded(written.encode("utf-8", "surrogateescape"), None)
    try:
        parts = decode_header(text)
    except (ValueError, TypeError, MessageError):
        return text
    return "".join(
        _decoded(each, charset) if isinstance(each, bytes) else each for each, charset in parts
    )


def _bytes(part: Parsed) -> bytes | None:
    """Return the content of a part; None where it cannot be had."""
    try:
        if part.get_content_maintype() == "message":
            inner = part.get_payload()
            held = inner[0] if isinstance(inner, list) and inner else None
            return held.as_bytes() if isinstance(held, Parsed) else None
        found = part.get_payload(decode=True)
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    return found if isinstance(found, bytes) else None


def _text(part: Parsed) -> str:
    content = _bytes(part) or b""
    try:
        charset = part.get_content_charset()
    except (ValueError, LookupError, TypeError):
        charset = None
    return _decoded(content, charset)


def _decoded(content: bytes, charset: str | None) -> str:
    """Return bytes as text: as they say they are written, else as they seem to be.

    Some ways of writing have signs that no database holds.
    """
    guesses: Sequence[str] = _FIRST_GUESSES
    if charset and _is_writing(charset):
        # Mail that says gb2312 is mostly written in its larger successor.
        first = "gb18030" if charset.lower() in ("gb2312", "gbk", "x-gbk") else charset
        guesses = (first, *guesses)
    for each in guesses:
        try:
            return storable(content.decode(each))
        except (UnicodeDecodeError, LookupError, ValueError):
            continue
    return content.decode("utf-8", "replace")


def _is_writing(charset: str) -> bool:
    """Return whether text of a mail may be written so; what is seen by itself is not asked."""
    try:
        return lookup(charset).name not in _NO_WRITING and charset not in _SEEN
    except (LookupError, ValueError):
        return False


def _read(page: str) -> str:
    try:
        return page_text(page[:LONGEST_PAGE])
    except (AssertionError, ValueError):
        return ""


def _clean(text: str) -> str:
    """Return a text that is kept, its lines ended in one way."""
    return storable(text).replace("\r\n", "\n").replace("\r", "\n")[:LONGEST_TEXT]
