"""Notices on devices while the app is closed, read by nobody between (T-19, RFC 8291, RFC 8292)."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    derive_private_key,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import text

from boot.pushing import contact, push
from boot.settings import read_settings
from boot.tasks import acting_as
from boot.wiring import House
from engine.context import Cause
from engine.doors import Edit
from engine.errors import RecordRefused
from engine.jobs import Job
from engine.notices import Asked
from engine.notices.telling import PUSH
from engine.outgoing.allowance import Allowance
from engine.outgoing.calls import Outgoing
from engine.pushing import Device, PushTask, device_of
from engine.pushing.devices import MOST
from engine.pushing.encrypting import Once, encrypted, point_of
from engine.pushing.signing import coded
from engine.pushing.task import PushFailed
from engine.sealing import MasterKey
from engine.tenants.quiet import keep_quiet
from tests.conftest import TenantMaker
from tests.engine.notices.test_notices import APP, Desk, Person
from tests.workflow.conftest import silent
from tests.workflow.test_webhooks import Receiver
from tests.workflow.test_webhooks import receiver as receiver

SECRET = b"sixteen letters."


def plain(text_: str) -> bytes:
    return urlsafe_b64decode(text_ + "=" * (-len(text_) % 4))


@dataclass(frozen=True, slots=True)
class Phone:
    """A device with a key of its own, which reads what is brought to it."""

    key: EllipticCurvePrivateKey

    def at(self, endpoint: str, language: str = "en") -> Device:
        return Device(endpoint, point_of(self.key), SECRET, language)

    def read(self, body: bytes) -> dict[str, Any]:
        """Return what a message says, opened as RFC 8291 tells the receiver to. Any: JSON."""
        salt, ours, content = body[:16], body[21:86], body[86:]
        agreed = self.key.exchange(
            ECDH(), EllipticCurvePublicKey.from_encoded_point(SECP256R1(), ours)
        )

        def derived(material: bytes, salted: bytes, info: bytes, length: int) -> bytes:
            return HKDF(SHA256(), length, salt=salted, info=info).derive(material)

        info = b"WebPush: info\x00" + point_of(self.key) + ours
        shared = derived(agreed, SECRET, info, 32)
        key = derived(shared, salt, b"Content-Encoding: aes128gcm\x00", 16)
        nonce = derived(shared, salt, b"Content-Encoding: nonce\x00", 12)
        opened = AESGCM(key).decrypt(nonce, content, None)
        assert opened[-1:] == b"\x02"
        found: dict[str, Any] = json.loads(opened[:-1])
        return found


@pytest.fixture
def phone() -> Phone:
    return Phone(generate_private_key(SECP256R1()))


@pytest.fixture(scope="module")
def desk(furnished: House, tenant_of: TenantMaker) -> Desk:
    near = replace(furnished, outgoing=Outgoing(Allowance.of("127.0.0.1")))
    return Desk(near, tenant_of(APP))


def task_of(desk: Desk) -> PushTask:
    def system(tenant: str) -> Any:  # Any: a context
        return desk.house.contexts.system(tenant, cause=Cause("job"))

    return push(desk.house, system, partial(acting_as, desk.house))


def jobs(desk: Desk, person: Person) -> list[Job]:
    """Return what waits to be brought to somebody, as a worker is given it."""
    place = desk.ctx.tenant
    with desk.house.database.queue(place.database) as connection:
        rows = connection.execute(text(
            "SELECT id, args->'payload' FROM joinery.procrastinate_jobs WHERE task_name = :task "
            "AND args->>'tenant' = :tenant AND args->'payload'->>'person' = :person ORDER BY id"
        ), {"task": PUSH, "tenant": place.role, "person": str(person.user)})  # fmt: skip
        return [Job(row[0], place.name, row[1], 1, silent) for row in rows]


def told(desk: Desk, device: Device) -> tuple[Person, Job]:
    """Have somebody told of a comment who has a device; return who, and the job."""
    boss, seller = desk.person("boss"), desk.person("seller")
    desk.house.services.devices.keep(seller.ctx, device, "Chrome · Android")
    record = seller.create(name="Northern Pumps")
    desk.house.services.talk.say(boss.ctx, "customer", record, "Call them", [])
    (job,) = jobs(desk, seller)
    return seller, job


def test_what_is_told_reaches_the_device_and_only_the_device_reads_it(
    desk: Desk, phone: Phone, receiver: Receiver
) -> None:
    receiver.answers = [201]
    seller, job = told(desk, phone.at(receiver.url))

    task_of(desk).run(job)

    ((headers, body),) = receiver.taken
    notice = desk.house.services.notices.page(seller.ctx, Asked())[0]
    assert notice.record is not None
    assert phone.read(body) == {
        "title": "Zhou Min commented on Northern Pumps", "body": "Call them",
        "url": f"/{seller.tenant}/records/customer/{notice.record.id}#activity",
        "tag": str(notice.id),
    }  # fmt: skip
    assert b"Pumps" not in body
    assert (headers["content-encoding"], headers["topic"]) == ("aes128gcm", coded(notice.id.bytes))


def test_a_service_knows_who_calls_by_a_signature_for_it_alone(
    desk: Desk, phone: Phone, receiver: Receiver
) -> None:
    _, job = told(desk, phone.at(receiver.url))

    task_of(desk).run(job)

    said = receiver.taken[0][0]["authorization"].removeprefix("vapid ")
    token, key = (each.partition("=")[2] for each in said.split(", "))
    head, claims, mark = token.split(".")
    public = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), plain(key))
    r, s = (int.from_bytes(half, "big") for half in (plain(mark)[:32], plain(mark)[32:]))
    signed = f"{head}.{claims}".encode()
    public.verify(encode_dss_signature(r, s), signed, ECDSA(SHA256()))
    assert json.loads(plain(claims))["aud"] == receiver.url.rpartition("/")[0]
    assert key == desk.house.services.devices.bound_to


def test_a_device_that_is_gone_is_forgotten_and_a_busy_service_is_asked_again(
    desk: Desk, phone: Phone, receiver: Receiver
) -> None:
    receiver.answers = [503, 410]
    seller, job = told(desk, phone.at(receiver.url))

    with pytest.raises(PushFailed):
        task_of(desk).run(job)
    assert len(desk.house.services.devices.mine(seller.ctx)) == 1
    task_of(desk).run(job)
    task_of(desk).run(job)

    assert len(receiver.taken) == 2
    assert desk.house.services.devices.mine(seller.ctx) == []


def test_what_was_read_or_may_not_be_read_any_more_is_not_brought(
    desk: Desk, phone: Phone, receiver: Receiver
) -> None:
    seller, job = told(desk, phone.at(receiver.url))
    desk.house.services.notices.mark(seller.ctx, None, "open")
    task_of(desk).run(job)
    other, later = told(desk, phone.at(receiver.url))
    desk.house.writer.update(desk.ctx, "user", [Edit(other.user, {"active": False})])
    task_of(desk).run(later)

    assert receiver.taken == []


def test_a_copy_that_writes_to_nobody_brings_nothing_to_devices(
    desk: Desk, phone: Phone, receiver: Receiver
) -> None:
    _, job = told(desk, phone.at(receiver.url))
    ledger, name = desk.house.accounts.ledger, desk.ctx.tenant.name
    keep_quiet(ledger, name, quiet=True)
    desk.house.contexts.forget()

    task_of(desk).run(job)

    keep_quiet(ledger, name, quiet=False)
    desk.house.contexts.forget()
    assert receiver.taken == []


def test_a_device_that_was_sealed_elsewhere_is_not_reached(desk: Desk, phone: Phone) -> None:
    seller = desk.person("seller")
    device = phone.at("https://push.example/a")
    devices = desk.house.services.devices
    devices.keep(seller.ctx, device, "Phone")

    copied = replace(devices, key=MasterKey(b"0" * 32))

    assert devices.read(seller.ctx, seller.user, device.name) == device
    assert copied.read(seller.ctx, seller.user, device.name) is None


def test_devices_are_their_owners_and_the_oldest_make_room(desk: Desk, phone: Phone) -> None:
    seller, boss = desk.person("seller"), desk.person("boss")
    devices = desk.house.services.devices
    for number in range(MOST + 2):
        devices.keep(seller.ctx, phone.at(f"https://push.example/{number}"), str(number))
    devices.keep(seller.ctx, phone.at(f"https://push.example/{MOST}"), "again")

    labels = [each.label for each in devices.mine(seller.ctx)]
    assert labels[:2] == ["again", str(MOST + 1)]
    assert len(labels) == MOST
    assert devices.mine(boss.ctx) == []


def test_an_example_of_the_standard_is_encrypted_as_it_says() -> None:
    """RFC 8291, appendix A."""
    own = int.from_bytes(plain("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), "big")
    once = Once(derive_private_key(own, SECP256R1()), plain("DGv6ra1nlYgDCS1FRnbzlw"))

    found = encrypted(
        b"When I grow up, I want to be a watermelon",
        plain(
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
        ),
        plain("BTBZMqHH6r4Tts7J_aSIgg"),
        once,
    )

    assert coded(found) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS"
        "6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qu"
        "lcy4a-fN"
    )


@pytest.mark.parametrize("wrong", [
    None, [], {"endpoint": "http://push.example/a"}, {"endpoint": "https://push.example/a"},
    {"endpoint": "https://push.example/a", "keys": {"p256dh": "AAAA", "auth": "AAAA"}},
    {"endpoint": 7, "keys": "none"},
    {"endpoint": "https://push.example/a", "keys": {"p256dh": "B" * 87, "auth": "A" * 22}},
])  # fmt: skip
def test_what_is_no_device_is_refused(wrong: object) -> None:
    with pytest.raises(RecordRefused):
        device_of(wrong, "en")


def test_a_service_is_told_where_the_keeper_of_the_installation_is_found() -> None:
    settings = read_settings({})

    assert (
        contact(replace(settings, mail_from="Acme <it@acme.example>")) == "mailto:it@acme.example"
    )
    assert contact(replace(settings, address="https://crm.example")) == "https://crm.example"
    assert contact(settings) == ""
