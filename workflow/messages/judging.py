"""What a program wrote and no person: returned mail, automatic answers, what a filter calls spam.

Nothing answers those, or two programs would write to each other for ever (RFC 3834, RFC 3464).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message as Parsed
from email.utils import parseaddr

from workflow.messages.parsing import header, sender_of

BULK = frozenset({"bulk", "junk", "list", "auto_reply"})

POSTMASTERS = frozenset({"mailer-daemon", "postmaster"})

_ID = re.compile(r"<([^<>\s]{1,900})>")

_AWAY = re.compile(
    r"(?:auto(?:matic)?[ -]?(?:reply|response)|out of (?:the )?office|abwesenheitsnotiz"
    r"|(?:外出)?自动(?:回复|答复)|自動(?:回覆|回復|答覆))\s*(?:[:：\]】)）]|$)",
    re.IGNORECASE,
)
"""How programs begin the subject of an answer that is told to be one by nothing else."""


@dataclass(frozen=True, slots=True)
class Returned:
    """A mail that did not reach an address: the id of that mail, and what the server said.

    `for_good` where the address will never be reached.
    """

    address: str
    message_id: str
    said: str
    for_good: bool


def why_ignored(parsed: Parsed) -> str:
    """Return why no automation is set off by a mail, as a code; blank where one is."""
    if header(parsed, "Auto-Submitted").lower().partition(";")[0].strip() not in ("", "no"):
        return "automatic"
    answers = ("X-Autoreply", "X-Autorespond", "X-Auto-Reply")
    if any(name in parsed for name in answers):
        return "automatic"
    if header(parsed, "Precedence").lower() in BULK or "List-Id" in parsed:
        return "bulk"
    if header(parsed, "Return-Path") == "<>" or parsed.get_content_type() == "multipart/report":
        return "automatic"
    if _AWAY.match(header(parsed, "Subject").lstrip("[【(（ ")):
        return "automatic"
    sender = sender_of(parsed)[0]
    if not sender:
        return "no_sender"
    if sender.partition("@")[0] in POSTMASTERS:
        return "automatic"
    return "spam" if _is_spam(parsed) else ""


def returned(parsed: Parsed) -> tuple[Returned, ...]:
    """Return the addresses that a mail says were not reached."""
    if not any(each.get_content_type() == "message/delivery-status" for each in parsed.walk()):
        return ()
    original = _original(parsed)
    return tuple(
        Returned(address, original, said, said.startswith("5"))
        for address, said in _failures(parsed)
    )


def _is_spam(parsed: Parsed) -> bool:
    if header(parsed, "X-Spam-Flag").lower() == "yes":
        return True
    if header(parsed, "X-Spam-Status").lower().startswith("yes"):
        return True
    return "dmarc=fail" in header(parsed, "Authentication-Results").lower()


def _failures(parsed: Parsed) -> Iterator[tuple[str, str]]:
    """Yield addresses that were given up, with the status that their servers answered."""
    for part in parsed.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        inner = part.get_payload()
        for block in inner if isinstance(inner, list) else ():
            if not isinstance(block, Parsed):
                continue
            if header(block, "Action").lower() != "failed":
                continue
            named = header(block, "Final-Recipient") or header(block, "Original-Recipient")
            address = parseaddr(named.rpartition(";")[2].strip())[1].lower()
            if "@" in address:
                yield address, header(block, "Status")[:20]


def _original(parsed: Parsed) -> str:
    """Return the id of the mail that came back, blank where it is not told."""
    for part in parsed.walk():
        kind = part.get_content_type()
        if kind == "message/rfc822":
            inner = part.get_payload()
            held = inner[0] if isinstance(inner, list) and inner else None
            found = _ID.search(header(held, "Message-ID")) if isinstance(held, Parsed) else None
        elif kind == "text/rfc822-headers":
            content = part.get_payload(decode=True)
            text = content.decode("latin-1") if isinstance(content, bytes) else ""
            found = re.search(r"(?im)^message-id:\s*<([^<>\s]{1,900})>", text)
        else:
            continue
        if found is not None:
            return found[1]
    return ""
