"""A-08: files come in and go out without leaving a clear value behind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.context import Context
from engine.doors import Bulk
from engine.errors import RecordRefused
from engine.exchange.importing import Order
from engine.exchange.journal import ImportState
from tests.engine.vault.conftest import Clinic

HEADER = "name,identity,account,mail\n"


def order(*rows: str, mode: str = "insert", key: str = "") -> Order:
    """Return an order to import rows of patients."""
    content = (HEADER + "".join(f"{row}\n" for row in rows)).encode()
    return Order("patient", "patients.csv", content, mode=mode, key=key)  # type: ignore[arg-type]


def imported(clinic: Clinic, wanted: Order, ctx: Context | None = None) -> ImportState:
    """Import and return what became of it."""
    who = ctx or clinic.system
    state = clinic.house.services.importer.start(who, wanted, job=None)
    return clinic.house.services.importer.run(who, state.id)


def secrets(prefix: str, count: int) -> Iterator[str]:
    """Yield identity numbers that nothing else has."""
    return (f"{prefix}{at:06}1990" for at in range(count))


def test_an_imported_file_leaves_no_clear_value(clinic: Clinic) -> None:
    good = list(secrets("310101", 3))
    bad = "440101888888880000"

    state = imported(
        clinic,
        order(
            *(f"P,{each},6222-{each},a@b.cn" for each in good),
            f"P,{bad},6222-x,this-is-no-address-{bad}",
        ),
    )

    assert (state.counts["created"], state.counts["rejected"]) == (3, 1)
    dump = clinic.dump()
    assert not [each for each in (*good, bad, "6222-x", "no-address") if each in dump]
    assert clinic.found(f'identity == "{good[1]}"') != set()


def test_a_rejected_row_tells_masks(clinic: Clinic) -> None:
    state = imported(clinic, order("P,550101000000000000,6222 1234 5678 9012,no-address"))

    [row] = clinic.house.services.importer.rejected(clinic.system, state.id)
    assert row.cells == ("P", "550***********0000"[:18], "**** 9012", "n***@")
    assert "no-address" not in str(row.errors)


def test_the_file_of_an_import_that_waits_is_encrypted(clinic: Clinic) -> None:
    secret = "660101777777770000"

    state = clinic.house.services.importer.start(clinic.system, order(f"P,{secret},,"), job=None)

    assert secret not in clinic.dump()
    done = clinic.house.services.importer.run(clinic.system, state.id)
    assert done.counts["created"] == 1


def test_records_are_changed_by_an_encrypted_key(clinic: Clinic) -> None:
    [identity] = secrets("320101", 1)
    record = clinic.create(name="Before", identity=identity)

    state = imported(clinic, order(f"After,{identity.lower()},,", mode="upsert", key="identity"))

    assert state.counts["updated"] == 1
    assert clinic.read(record).values["name"] == "After"


def test_nobody_imports_by_a_key_they_see_as_a_mask(clinic: Clinic) -> None:
    with pytest.raises(RecordRefused):
        clinic.house.services.importer.start(
            clinic.ctx("doctor"), order("P,1,,", mode="update", key="account"), job=None
        )


def test_links_name_a_record_by_an_encrypted_value(clinic: Clinic) -> None:
    [identity] = secrets("330101", 1)
    record = clinic.create(name="Named", identity=identity)
    lines = [{"patient": {"identity": identity}}, {"patient": {"identity": "nobody-at-all"}}]

    result = clinic.house.writer.bulk(clinic.ctx(), "visit", Bulk(lines, atomic=False))

    made = result.items[0].id
    assert made is not None
    [visit] = clinic.house.reader.get(clinic.ctx(), "visit", [made])
    assert getattr(visit.values["patient"], "id", None) == record
    assert result.items[1].status == "refused"
    assert "nobody-at-all" not in str(result.items[1].errors)


def test_many_links_name_records_by_encrypted_values(clinic: Clinic) -> None:
    identities = list(secrets("340101", 3))
    for each in identities:
        clinic.create(name="Many", identity=each)
    lines = [{"patient": {"identity": identities[at % 3]}} for at in range(120)]

    result = clinic.house.writer.bulk(clinic.ctx(), "visit", Bulk(lines, atomic=True))

    assert result.counts == {"done": 120}
