"""A-08, A-11: a person is erased, and everything that is not theirs is as it was."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from io import BytesIO
from uuid import UUID, uuid4
from zipfile import ZipFile

import pytest
from sqlalchemy import select

from engine.errors import Forbidden, NotFound, RecordRefused
from engine.records.recompute import check
from tests.engine.personal.conftest import SECRETS, Shop
from workflow.runs import newest


def test_nothing_personal_is_left_anywhere(shop: Shop) -> None:
    record = shop.customer()
    assert all(secret in shop.dump() for secret in SECRETS if secret != SECRETS[3])

    shop.erase(record)

    dump = shop.dump().lower()
    for secret in (*SECRETS, "li wei", "liwei", "1990-03-07"):
        assert secret.lower() not in dump, secret


def test_the_books_balance_as_before(shop: Shop) -> None:
    record = shop.customer()
    before = shop.sums()

    shop.erase(record)

    after = shop.sums()
    assert before.pop("customer.income") == "5000.00"
    assert after.pop("customer.income") == "0"
    assert after == before
    assert list(check(shop.house.database, shop.ctx)) == []


def test_a_person_has_a_name_that_is_nobodys_and_stays(shop: Shop) -> None:
    record = shop.customer()

    shop.erase(record)

    [left] = shop.house.reader.get(shop.ctx, "customer", [record])
    pseudonym = f"Erased person {record.hex[-4:].upper()}"
    assert left.title == left.values["name"] == pseudonym
    assert left.values["greeting"] == f"Dear {pseudonym}"
    assert left.values["mail"] == f"{record.hex}@erased.invalid"
    assert (left.values["phone"], left.values["born"], left.values["identity"]) == (None,) * 3
    assert left.values["level"] == "a"
    found = shop.house.reader.search(shop.ctx, pseudonym)
    assert [hit.id for hit in found] == [record]


def test_linked_people_are_told_of_and_stay(shop: Shop) -> None:
    record = shop.customer()

    subject = shop.erasures.preview(shop.ctx, "customer", record)
    shop.erase(record)

    assert {entity: len(ids) for entity, ids in subject.about.items()} == {
        "customer": 1,
        "order": 3,
    }
    assert list(subject.others) == ["contact"]
    assert "Another Person" in shop.dump()


def test_a_preview_changes_nothing(shop: Shop) -> None:
    record = shop.customer()
    before = shop.dump()

    shop.erasures.preview(shop.ctx, "customer", record)

    assert shop.dump() == before


def test_files_are_gone_from_their_storage(shop: Shop) -> None:
    record = shop.customer()
    [file] = shop.house.services.files.attached(shop.ctx, "customer", record)

    shop.erase(record)

    with pytest.raises(FileNotFoundError):
        shop.house.storage.open(shop.ctx.tenant, file.id)
    assert shop.house.services.files.attached(shop.ctx, "customer", record) == ()


def test_history_tells_that_something_was_erased(shop: Shop) -> None:
    record = shop.customer()

    shop.erase(record)

    entries = shop.house.reader.history(shop.ctx, "customer", record)
    names = [c for entry in entries for c in entry.changes if c.field == "name"]
    assert names and {(c.before, c.after) for c in names} <= {("***", "***"), (None, "***")}
    levels = [c.after for entry in entries for c in entry.changes if c.field == "level"]
    assert levels == ["a"]


def test_a_record_in_the_trash_is_erased_as_well(shop: Shop) -> None:
    values = {"name": SECRETS[0], "mail": SECRETS[1]}
    record = shop.house.writer.create(shop.ctx, "customer", [values]).ids[0]
    shop.house.writer.delete(shop.ctx, "customer", [record])

    shop.erase(record)

    assert SECRETS[1] not in shop.dump()


def test_erasing_twice_erases_what_came_meanwhile(shop: Shop) -> None:
    record = shop.customer()
    first = shop.erase(record)
    shop.change(record, name="Came Back", phone="13900001111")

    second = shop.erase(record)

    assert first == second
    assert "Came Back" not in shop.dump()
    assert "13900001111" not in shop.dump()


def test_only_who_holds_every_right_erases(shop: Shop) -> None:
    record = shop.customer()
    seller = replace(shop.ctx, actor=replace(shop.ctx.actor, kind="person", roles=("seller",)))

    with pytest.raises(Forbidden):
        shop.erasures.begin(seller, "customer", record)
    with pytest.raises(NotFound):
        shop.erasures.begin(shop.ctx, "customer", uuid4())
    with pytest.raises(RecordRefused):
        shop.erasures.begin(shop.ctx, "department", uuid4())


def test_the_audit_log_is_told_who_asked_and_what_was_done_and_of_no_values(shop: Shop) -> None:
    record = shop.customer()
    asker = replace(shop.ctx.actor, kind="person", name="Ada who asks", roles=("administrator",))

    begun = shop.erasures.begin(replace(shop.ctx, actor=asker), "customer", record)
    shop.erasures.run(shop.ctx, begun.id)

    table = shop.ctx.compiled.tables.of("sys_audit")
    with shop.house.database.owner(shop.ctx.tenant) as connection:
        asked, row = connection.execute(
            select(table).where(table.c.kind == "erased").order_by(table.c.at, table.c.id)
        ).mappings()
    assert (asked["name"], asked["record"]) == ("Ada who asks", record)
    assert asked["detail"] == {"state": "begun"}
    assert (row["entity"], row["record"]) == ("customer", record)
    assert row["detail"]["records"] == 4
    assert row["detail"]["comments"] == 1


def test_what_waits_for_a_person_goes_no_further(shop: Shop) -> None:
    record = shop.customer()

    shop.erase(record)

    with shop.house.database.reading(shop.ctx) as connection:
        ended = {run.automation: run for run in newest(connection, shop.ctx, "")}
    assert (ended["call"].state, ended["form"].state) == ("stopped", "done")
    assert (ended["call"].error, ended["form"].error) == ({"code": "person_erased"}, None)
    messages = shop.ctx.compiled.tables.of("sys_message")
    with shop.house.database.owner(shop.ctx.tenant) as connection:
        states = connection.execute(select(messages.c.state)).scalars().all()
    assert "waiting" not in states


def test_a_person_is_given_what_was_written_to_them_about_nothing_as_well(shop: Shop) -> None:
    record = shop.customer()

    file = b"".join(shop.house.services.person_files.export(shop.ctx, "customer", record))

    with ZipFile(BytesIO(file)) as held:
        messages = held.read("messages.jsonl").decode().splitlines()
    assert len(messages) == 2
    assert all(SECRETS[0] in each for each in messages)


STEPS = ("clear_runs", "clear_comments", "detach_files", "clear_history", "clear_answers")

DYING = """
import os, sys
from dataclasses import replace
from uuid import UUID
import engine.personal.erasing as erasing
from boot.connection import Address
from boot.settings import read_settings
from boot.wiring import furnish
from engine.context import Cause
from engine.database import Database
from sqlalchemy import make_url

url, tenant, record, step = sys.argv[1:]
database = Database.connect(url)
house = furnish(read_settings({}), Address(admin=None, app=make_url(url)), database)
ctx = house.contexts.system(tenant, cause=Cause("cli"))
begun = house.services.erasures.begin(ctx, "customer", UUID(record))
setattr(erasing, step, lambda *_: os.kill(os.getpid(), 9))
house.services.erasures.run(ctx, begun.id)
"""


@pytest.mark.parametrize("step", STEPS)
def test_an_erasure_that_was_killed_is_finished_by_starting_it_again(
    shop: Shop, step: str, installation: object
) -> None:
    record = shop.customer()
    before = shop.sums()
    url = installation.url.render_as_string(hide_password=False)  # type: ignore[attr-defined]  # Installation

    died = subprocess.run(
        [sys.executable, "-c", DYING, url, shop.ctx.tenant.name, str(record), step],
        env={**os.environ, "JOINERY_HOME": str(shop.house.settings.home)},
        check=False,
    )
    assert died.returncode == -signal.SIGKILL
    assert shop.erasures.state(shop.ctx, begun(shop, record)).state == "running"

    shop.erase(record)

    after = shop.sums()
    assert {**after, "customer.income": "-"} == {**before, "customer.income": "-"}
    dump = shop.dump().lower()
    assert not [secret for secret in SECRETS if secret.lower() in dump]


def begun(shop: Shop, record: UUID) -> UUID:
    """Return the erasure of a record."""
    table = shop.ctx.compiled.tables.of("sys_erasure")
    with shop.house.database.reading(shop.ctx) as connection:
        found: UUID = connection.execute(
            select(table.c.id).where(table.c.record == record)
        ).scalar_one()
        return found
