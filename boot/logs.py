"""What server processes say about themselves: one JSON object a line, and never a secret.

Passwords, tokens, cookies, addresses of databases, what was asked behind a question mark, e-mail
addresses and long numbers are taken out of every line; of an error there is its kind, its
place in the program, and what is left of its words without the values that they quote.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import IO

import psycopg
from sqlalchemy.exc import DBAPIError

HIDDEN = "•••"

MOST_CAUSES = 5

LONGEST = 2_000
"""Characters of a line that are looked at; the rest is cut off."""

RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://)[^\s/@]*@"), rf"\1{HIDDEN}@"),
    (re.compile(r"(?i)\b(bearer|basic|digest)\s+[\w.~+/=:-]+"), rf"\1 {HIDDEN}"),
    (
        re.compile(
            r"(?i)([\w-]*(?:password|passwd|pwd|secret|token|api[_-]?key|authorization|cookie|"
            r"session|csrf|master[_-]?key|private[_-]?key)[\w-]*[\"']?\s*[:=]\s*)"
            r"(?:\"[^\"]*\"|'[^']*'|[^\s\"',;&}]+)"
        ),
        rf"\1{HIDDEN}",
    ),
    (re.compile(r"\?[^\s\"'<>]+"), f"?{HIDDEN}"),
    (re.compile(r"[^\s@\"'<>()]+@[\w-]+(?:\.[\w-]+)+"), HIDDEN),
    (re.compile(r"(?<![\w-])\+?\d[\d -]{9,}\d[xX]?(?![\w-])"), HIDDEN),
)
"""What is taken out of a text, in this order."""

QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'|“[^”]*”|«[^»]*»|\([^()]*\)=\([^()]*\)")
"""Where messages of errors carry the values that they are about."""


def log_to(stream: IO[str] | None = None, level: int = logging.WARNING) -> None:
    """Have this process say what it says as redacted lines on `stream`, else on stderr."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(Redacted())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)


class Redacted(logging.Formatter):
    """Writes a record as one line of JSON without anything that is nobody's business."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "said": redacted(record.getMessage()),
        }
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            line["errors"] = [described(each) for each in causes(error)]
        return json.dumps(line, ensure_ascii=False)


def redacted(text: str) -> str:
    """Return a text without secrets and personal data."""
    text = text[:LONGEST]
    for pattern, instead in RULES:
        text = pattern.sub(instead, text)
    return text


def causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what led to it, the latest first."""
    found: BaseException | None = error
    for _ in range(MOST_CAUSES):
        if found is None:
            return
        yield found
        found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)


def described(error: BaseException) -> dict[str, object]:
    """Return what may be said of an error: its kind, its words without values, its places."""
    return {
        "kind": f"{type(error).__module__}.{type(error).__qualname__}",
        "said": _words(error),
        "places": [
            f"{frame.filename}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(error.__traceback__)
        ],
    }


def _words(error: BaseException) -> str:
    origin = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(origin, psycopg.Error):
        # Its message quotes the row that it is about.
        about = origin.diag
        named = (origin.sqlstate, about.schema_name, about.table_name, about.constraint_name)
        return " ".join(filter(None, named))
    return redacted(QUOTED.sub(HIDDEN, str(error)))
