"""Mail that a person writes from a record: through the same gate and log as what the app writes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection

from engine.access.policy import Policy
from engine.access.tracked import require_live, tracked
from engine.context import Context
from engine.database import Database
from engine.errors import FieldError, RecordRefused
from engine.requests import claim, settle
from engine.values.refusals import Refused, clean_text
from workflow.messages.message import LONGEST_SUBJECT, Message
from workflow.messages.outbox import Outbox, Wanted

ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[^\s@<>,;:\"()\[\]\\]+\.[^\s@<>,;:\"()\[\]\\.]+")
"""What an e-mail address looks like, as far as that can be told without writing to it."""

LONGEST_ADDRESS = 254

LONGEST_TEXT = 50_000


def is_address(text: str) -> bool:
    """Return whether a text looks like an e-mail address."""
    # Letters would show something else for what cannot be seen, or is written for programs.
    fits = len(text) <= LONGEST_ADDRESS and text.isprintable() and "=?" not in text
    return fits and ADDRESS.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Draft:
    """A mail that a person writes: to one address, in plain words."""

    to: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Correspondence:
    """The door for people who write from a record that they may change."""

    database: Database
    policy: Policy
    outbox: Outbox

    def write(self, ctx: Context, entity: str, record: UUID, draft: Draft) -> Message:
        """Send a mail, and keep it with the record.

        Raises `RecordRefused` with all that is wrong in it, also where the gate holds it back:
        whoever writes is told so, and nothing is kept. `NotFound` and `Forbidden` of the record.
        """
        kind = tracked(ctx, entity)
        errors = [*_wrong(draft)]
        if errors:
            raise RecordRefused(errors)

        def unit(connection: Connection) -> Message:
            claim(ctx, connection)
            require_live(ctx, self.policy, connection, (kind, record), "update")
            wanted = Wanted(
                "email", draft.to, draft.subject, draft.text.strip(), language=ctx.language,
                entity=kind.key, record=record,
            )  # fmt: skip
            message = self.outbox.put(ctx, connection, wanted)
            if message.state == "held":
                raise RecordRefused([FieldError(f"message_{message.error}", ("to",))])
            settle(ctx, connection, message)
            return message

        return self.database.unit(ctx, unit)


def _wrong(draft: Draft) -> list[FieldError]:
    found = []
    texts = {"to": draft.to, "subject": draft.subject, "text": draft.text}
    found += [FieldError("required", (name,)) for name, text in texts.items() if not text.strip()]
    if draft.to.strip() and not is_address(draft.to.strip()):
        found.append(FieldError("invalid_email", ("to",), {"value": draft.to[:100]}))
    for name, most in (("subject", LONGEST_SUBJECT), ("text", LONGEST_TEXT)):
        if len(texts[name]) > most:
            params = {"max": most, "length": len(texts[name])}
            found.append(FieldError("too_long", (name,), params))
    for name, text in texts.items():
        try:
            clean_text(text)
        except Refused as refused:
            found.append(FieldError(refused.code, (name,), refused.params))
    return found
