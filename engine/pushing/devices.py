"""The devices on which people want to be told: each a row of its owner's preferences.

Where a device is reached lies sealed for its tenant: a copy of the tenant reaches nobody.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from binascii import Error as NotCoded
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.postgresql import insert

from engine.context import Context
from engine.database import Database
from engine.errors import FieldError, NotFound, RecordRefused
from engine.notices.preferences import DEVICE
from engine.notices.tables import PREFERENCE, columns_of
from engine.pushing.encrypting import POINT, SECRET
from engine.pushing.signing import Signer
from engine.sealing import MasterKey, Unsealable
from engine.values.identity import new_id

MOST = 10
"""Devices that one person has; the one that was not renewed for longest makes room."""

LONGEST = 2_000
"""Letters of the address of a device."""


@dataclass(frozen=True, slots=True)
class Device:
    """Where a device is reached, and what only it and we know; it is told in `language`."""

    endpoint: str = field(repr=False)
    key: bytes = field(repr=False)
    secret: bytes = field(repr=False)
    language: str = ""

    @property
    def name(self) -> str:
        """What it is kept under: the same each time it is told of."""
        return DEVICE + sha256(self.endpoint.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """A device as its owner sees it: `label` says what it is, `at` since when it is told."""

    name: str
    label: str
    at: datetime


def device_of(sent: object, language: str) -> Device:
    """Return the device that a browser tells of; raise `RecordRefused` for what is none."""
    held = sent if isinstance(sent, dict) else {}
    keys = held.get("keys")
    named = keys if isinstance(keys, dict) else {}
    endpoint, key, secret = held.get("endpoint"), named.get("p256dh"), named.get("auth")
    if not isinstance(endpoint, str) or not _is_address(endpoint):
        raise RecordRefused([FieldError("invalid_device", ("endpoint",))])
    device = Device(endpoint, _bytes(key), _bytes(secret), language)
    if not _is_point(device.key) or len(device.secret) != SECRET:
        raise RecordRefused([FieldError("invalid_device", ("keys",))])
    return device


@dataclass(frozen=True, slots=True)
class Devices:
    """The door to one's own devices."""

    database: Database
    key: MasterKey

    @property
    def bound_to(self) -> str:
        """The key that browsers bind a device to, so that nobody else tells it anything."""
        return Signer(self.key).public

    def mine(self, ctx: Context) -> Sequence[KnownDevice]:
        """Return the person's devices, the latest first."""
        with self.database.reading(ctx) as connection:
            return _known(ctx, connection)

    def keep(self, ctx: Context, device: Device, label: str) -> None:
        """Tell the person on a device from now on, or still."""

        def unit(connection: Connection) -> None:
            others = [one for one in _known(ctx, connection) if one.name != device.name]
            for each in others[MOST - 1 :]:
                _forget(ctx, connection, ctx.actor.user, each.name)
            keep_device(ctx, connection, self.key, device, label)

        self.database.unit(ctx, unit)

    def forget(self, ctx: Context, name: str) -> None:
        """Tell the person on a device no more; raise `NotFound` for one that is not theirs."""

        def unit(connection: Connection) -> None:
            if not _forget(ctx, connection, ctx.actor.user, name):
                raise NotFound(device=name)

        self.database.unit(ctx, unit)

    def read(self, ctx: Context, person: UUID, name: str) -> Device | None:
        """Return a device of somebody; None where it is forgotten, or sealed by another tenant."""
        _, column = columns_of(ctx, PREFERENCE)
        mine = (column["person"] == person, column["name"] == name)
        with self.database.reading(ctx) as connection:
            value = connection.execute(select(column["value"]).where(*mine)).scalar_one_or_none()
        return None if value is None else _opened(ctx, self.key, value)

    def lose(self, ctx: Context, person: UUID, name: str) -> None:
        """Forget a device that its service says is gone."""
        self.database.unit(ctx, lambda connection: _forget(ctx, connection, person, name))


def keep_device(
    ctx: Context, connection: Connection, key: MasterKey, device: Device, label: str
) -> None:
    """Keep a device of the person, in place of what was known of it."""
    said = json.dumps([device.endpoint, device.key.hex(), device.secret.hex()]).encode()
    value = {
        "sealed": key.seal(said, purpose=_purpose(ctx)).hex(), "label": label[:100],
        "language": device.language, "at": ctx.now.isoformat(),
    }  # fmt: skip
    table, column = columns_of(ctx, PREFERENCE)
    row = {"id": new_id(ctx.now), "person": ctx.actor.user, "name": device.name, "value": value}
    statement = insert(table).values({column[each].name: one for each, one in row.items()})
    once = [column["person"], column["name"]]
    kept = {column["value"].name: value}
    connection.execute(statement.on_conflict_do_update(index_elements=once, set_=kept))


def forget_devices(ctx: Context, person: UUID, connection: Connection) -> int:
    """Forget every device of somebody; return how many there were."""
    table, column = columns_of(ctx, PREFERENCE)
    theirs = (column["person"] == person, column["name"].startswith(DEVICE))
    return connection.execute(delete(table).where(*theirs)).rowcount


def _known(ctx: Context, connection: Connection) -> list[KnownDevice]:
    _, column = columns_of(ctx, PREFERENCE)
    mine = (column["person"] == ctx.actor.user, column["name"].startswith(DEVICE))
    rows = connection.execute(select(column["name"], column["value"]).where(*mine))
    found = [
        KnownDevice(name, str(value["label"]), datetime.fromisoformat(value["at"]))
        for name, value in rows
    ]
    return sorted(found, key=lambda each: each.at, reverse=True)


def _forget(ctx: Context, connection: Connection, person: UUID, name: str) -> bool:
    table, column = columns_of(ctx, PREFERENCE)
    mine = (column["person"] == person, column["name"] == name)
    device = column["name"].startswith(DEVICE)
    return connection.execute(delete(table).where(*mine, device)).rowcount > 0


def _opened(ctx: Context, key: MasterKey, value: Mapping[str, Any]) -> Device | None:
    """Return what is kept of a device. Any: JSON."""
    try:
        plain = key.open(bytes.fromhex(value["sealed"]), purpose=_purpose(ctx))
    except Unsealable:
        return None
    endpoint, point, secret = json.loads(plain)
    return Device(endpoint, bytes.fromhex(point), bytes.fromhex(secret), str(value["language"]))


def _purpose(ctx: Context) -> str:
    return f"device {ctx.tenant.schema}"


def _is_address(text: str) -> bool:
    return text.startswith("https://") and len(text) <= LONGEST and text.isprintable()


def _bytes(text: object) -> bytes:
    if not isinstance(text, str) or len(text) > LONGEST:
        return b""
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (NotCoded, ValueError):
        return b""


def _is_point(content: bytes) -> bool:
    if len(content) != POINT:
        return False
    try:
        EllipticCurvePublicKey.from_encoded_point(SECP256R1(), content)
    except ValueError:
        return False
    return True
