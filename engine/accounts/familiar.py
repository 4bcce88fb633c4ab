"""Browsers and places that an account was used with before; guessing elsewhere bars none."""

from __future__ import annotations

from hashlib import sha256
from secrets import token_urlsafe
from uuid import UUID

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from engine.accounts.guesses import Try, place_of
from engine.accounts.tables import familiar
from engine.context import Origin

MOST = 40
"""How many browsers and places are known of an account; the oldest are forgotten."""


def try_of(
    connection: Connection,
    purpose: str,
    email: str,
    account: UUID | None,
    origin: Origin,
    device: str = "",
) -> Try:
    """Return a try with what is known of the browser, else of the place, it comes from."""
    marks = {_of_device(device): True, _of_place(origin): False}
    known = set(
        connection.execute(
            select(familiar.c.mark).where(
                familiar.c.account == account, familiar.c.mark.in_(list(marks))
            )
        ).scalars()
    )
    for mark, is_device in marks.items():
        if mark in known:
            return Try(purpose, email, origin.address, mark, is_device)
    return Try(purpose, email, origin.address)


def remember(connection: Connection, account: UUID, origin: Origin, device: str) -> str:
    """Know browser and place from now on; return the browser's secret if it is a new one."""
    known = (
        device
        and connection.execute(
            select(familiar.c.mark).where(
                familiar.c.account == account, familiar.c.mark == _of_device(device)
            )
        ).first()
    )
    made = "" if known else token_urlsafe(24)
    for mark in (_of_device(made or device), _of_place(origin)):
        connection.execute(
            insert(familiar)
            .values(account=account, mark=mark)
            .on_conflict_do_update(index_elements=["account", "mark"], set_={"seen_at": func.now()})
        )
    newest = (
        select(familiar.c.mark)
        .where(familiar.c.account == account)
        .order_by(familiar.c.seen_at.desc(), familiar.c.mark)
        .limit(MOST)
    )
    connection.execute(
        delete(familiar).where(familiar.c.account == account, familiar.c.mark.not_in(newest))
    )
    return made


def _of_device(secret: str) -> bytes:
    return sha256(f"device\0{secret}".encode("utf-8", "surrogatepass")).digest()


def _of_place(origin: Origin) -> bytes:
    return sha256(f"place\0{place_of(origin.address)}".encode()).digest()
