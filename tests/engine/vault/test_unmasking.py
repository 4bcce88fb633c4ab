"""A-08, A-10: clear values are told one at a time, to those who may read them, and logged."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import select

from engine.access.policy import Policy
from engine.audit.event import Event
from engine.context import Context
from engine.errors import Forbidden, NotFound, RecordRefused
from engine.exchange.exporting import Wanted
from engine.query.parse import parse_paths
from engine.query.spec import ListQuery
from tests.engine.vault.conftest import Clinic

ACCOUNT = "6222 0213 4455 6677"


def told(clinic: Clinic, kind: str) -> list[dict[str, object]]:
    """Return the details that the audit log was told under a kind."""
    table = clinic.system.compiled.tables.of("sys_audit")
    with clinic.house.database.owner(clinic.system.tenant) as connection:
        rows = connection.execute(select(table).where(table.c.kind == kind)).mappings()
        return [dict(row) for row in rows]


def test_whoever_may_read_a_field_is_told_its_value_and_so_is_the_log(clinic: Clinic) -> None:
    record, doctor = clinic.create(name="Li", account=ACCOUNT), clinic.ctx("doctor")

    value = clinic.house.services.unmasking.clear(doctor, "patient", record, "account")

    assert value == ACCOUNT
    [row] = [row for row in told(clinic, "unmasked") if row["record"] == record]
    assert (row["actor"], row["entity"], row["detail"]) == (
        doctor.actor.user,
        "patient",
        {"field": "account"},
    )


def test_whoever_sees_only_the_mask_is_not_told(clinic: Clinic) -> None:
    record = clinic.create(name="Li", account=ACCOUNT)

    with pytest.raises(Forbidden):
        clinic.house.services.unmasking.clear(clinic.ctx("clerk"), "patient", record, "account")

    assert not [row for row in told(clinic, "unmasked") if row["record"] == record]


def test_no_value_is_told_that_the_log_could_not_be_told_of(clinic: Clinic) -> None:
    class Full:
        """A log without room."""

        def note(self, ctx: Context, event: Event) -> None:
            raise OSError

        def within(self, connection: object, ctx: Context, events: object) -> None:
            raise OSError

    record = clinic.create(name="Li", account=ACCOUNT)
    house = clinic.house
    unmasking = type(house.services.unmasking)(house.database, Policy(house.database), Full())

    with pytest.raises(OSError):
        unmasking.clear(clinic.ctx(), "patient", record, "account")


@pytest.mark.parametrize(
    ("field", "code"), [("nothing", "unknown_field"), ("note", "not_encrypted")]
)
def test_what_is_not_encrypted_has_no_mask_to_lift(clinic: Clinic, field: str, code: str) -> None:
    record = clinic.create(name="Li", note="plain")

    with pytest.raises(RecordRefused) as raised:
        clinic.house.services.unmasking.clear(clinic.ctx(), "patient", record, field)

    assert [error.code for error in raised.value.errors] == [code]


def test_a_record_that_is_not_there_has_no_values(clinic: Clinic) -> None:
    with pytest.raises(NotFound):
        clinic.house.services.unmasking.clear(clinic.ctx(), "patient", uuid4(), "account")


def exported(clinic: Clinic, ctx: Context, *, clear: tuple[str, ...] = ()) -> str:
    """Return the file of all patients."""
    paths = parse_paths(ctx, "patient", "name,account") if "doctor" in ctx.actor.roles else ()
    wanted = Wanted(ListQuery("patient"), "csv", paths, clear)
    return b"".join(clinic.house.services.exporter.export(ctx, wanted)).decode()


def test_exports_hold_masks_unless_somebody_who_may_asks_for_clear_values(clinic: Clinic) -> None:
    clinic.create(name="Exported", account="6222-7777-8888-9999")
    doctor = clinic.ctx("doctor")

    assert "**** 9999" in exported(clinic, doctor)
    assert "6222-7777-8888-9999" not in exported(clinic, doctor)
    assert "Exported,6222-7777-8888-9999" in exported(clinic, doctor, clear=("account",))
    assert any(row["detail"]["clear"] == ["account"] for row in told(clinic, "exported"))


def test_nobody_exports_in_the_clear_what_they_see_as_a_mask(clinic: Clinic) -> None:
    with pytest.raises(RecordRefused):
        exported(clinic, clinic.ctx("doctor"), clear=("name",))
    with pytest.raises(Forbidden):
        exported(clinic, clinic.ctx("clerk"), clear=("account",))
