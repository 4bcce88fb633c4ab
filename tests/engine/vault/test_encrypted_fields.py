"""A-08: encrypted fields are stored as ciphertext, found by the whole value, shown as masks."""

from __future__ import annotations

from itertools import count

import pytest

from engine.doors import Bulk
from engine.errors import QueryInvalid, RecordRefused
from engine.query.parse import parse_group, parse_sort
from engine.values.sealed import Sealed
from tests.engine.vault.conftest import IDENTITY, Clinic

_NUMBERS = count(10_000_000)


def an_identity() -> str:
    """Return an identity number that no other test uses."""
    return f"1101{next(_NUMBERS)}772134"


def test_no_table_of_the_tenant_holds_the_value_in_the_clear(clinic: Clinic) -> None:
    identity, account = an_identity(), "6222 0213 4455 6677"

    record = clinic.create(name="Li Wei", identity=identity, account=account)
    clinic.update(record, account="6222 0213 4455 9999")
    clinic.update(record, account=None)

    dump = clinic.dump()
    assert "Li Wei" in dump
    for secret in (identity, account, "6222 0213 4455 9999", "62220213445", identity[4:14]):
        assert secret not in dump


def test_everybody_sees_a_mask_administrators_too(clinic: Clinic) -> None:
    identity = an_identity()
    record = clinic.create(name="Wang", identity=identity, mobile="13812345678", mail="lee@x.cn")

    for ctx in (clinic.ctx(), clinic.ctx("doctor"), clinic.ctx("clerk")):
        values = clinic.read(record, ctx).values
        assert values["identity"] == f"{identity[:3]}***{'*' * 8}{identity[-4:]}"
        assert values["mobile"] == "138****5678"
        assert values["mail"] == "l***@x.cn"


def test_a_record_is_found_by_the_whole_value_however_it_is_written(clinic: Clinic) -> None:
    identity = an_identity()
    record = clinic.create(name="Zhao", identity=identity, mobile="+86 139-1111-2222")

    assert clinic.found(f'identity == "{identity}"') == {record}
    assert clinic.found(f'identity in ["{identity}", "1"] and known') == {record}
    assert clinic.found('mobile == "13911112222"') == {record}
    assert clinic.found(search=identity) == {record}
    assert record in clinic.found(search="2222")
    assert record not in clinic.found(f'identity != "{identity}"')
    assert clinic.found(f'identity == "{identity[:-1]}"') == set()


def test_whoever_sees_only_the_mask_neither_asks_nor_finds_by_the_value(clinic: Clinic) -> None:
    identity = an_identity()
    clinic.create(name="Qian", identity=identity)
    clerk = clinic.ctx("clerk")

    with pytest.raises(QueryInvalid):
        clinic.found(f'identity == "{identity}"', ctx=clerk)
    assert clinic.found(search=identity, ctx=clerk) == set()
    assert clinic.found(search=identity, ctx=clinic.ctx("doctor")) != set()


@pytest.mark.parametrize(
    "formula",
    [
        'CONTAINS(identity, "1")',
        'identity < "2"',
        "identity == name",
        'LOWER(identity) == "x"',
        'LEFT(identity, 3) == "110"',
    ],
)
def test_nothing_but_equality_can_be_asked(clinic: Clinic, formula: str) -> None:
    with pytest.raises(QueryInvalid) as raised:
        clinic.found(formula)

    assert {problem.code for problem in raised.value.problems} == {"encrypted"}


def test_lists_are_neither_sorted_nor_grouped_by_the_value(clinic: Clinic) -> None:
    with pytest.raises(QueryInvalid):
        parse_sort(clinic.ctx(), "patient", "-identity")
    with pytest.raises(QueryInvalid):
        parse_group(clinic.ctx(), "patient", "identity")


def test_a_unique_value_is_taken_once_and_the_refusal_does_not_tell_it(clinic: Clinic) -> None:
    identity = an_identity()
    clinic.create(name="Sun", identity=identity)

    with pytest.raises(RecordRefused) as raised:
        clinic.create(name="Sun too", identity=f" {identity.lower()} ")

    [error] = raised.value.errors
    assert error.code == "unique"
    assert identity not in str(error)


def test_a_refused_value_is_not_told_again(clinic: Clinic) -> None:
    with pytest.raises(RecordRefused) as raised:
        clinic.create(name="Li", mail="secret-not-an-address")

    assert "secret" not in str(raised.value.errors)


def test_saving_the_mask_again_changes_nothing(clinic: Clinic) -> None:
    identity = an_identity()
    record = clinic.create(name="Zhou", identity=identity, mobile="13700001111")
    before = clinic.columns(record)
    shown = clinic.read(record).values

    clinic.update(record, identity=shown["identity"], mobile=shown["mobile"], note="seen")

    after = clinic.columns(record)
    changed = {name for name, value in after.items() if value != before[name]}
    assert {name.split("_")[0] for name in changed} == {"note", "sys", "updated"}


def test_a_mask_is_no_value_of_a_new_record(clinic: Clinic) -> None:
    with pytest.raises(RecordRefused) as raised:
        clinic.create(name="Wu", mobile="138****5678")

    assert [error.code for error in raised.value.errors] == ["masked_value"]


def test_saving_the_same_value_again_makes_the_same_ciphertext(clinic: Clinic) -> None:
    identity = an_identity()
    record = clinic.create(name="Zheng", identity=identity)
    version = clinic.read(record).version

    clinic.update(record, identity=identity)

    assert clinic.read(record).version == version


def test_two_records_with_one_value_have_different_ciphertexts(clinic: Clinic) -> None:
    first, second = (clinic.create(name=name, account="62220001") for name in ("A", "B"))

    held = [
        {value for value in clinic.columns(record).values() if isinstance(value, bytes)}
        for record in (first, second)
    ]

    assert held[0] and held[1] and not held[0] & held[1]


def test_records_are_made_setwise_with_the_same_outcome(clinic: Clinic) -> None:
    identities = [an_identity() for _ in range(150)]
    payloads = [{"name": f"P{at}", "identity": each} for at, each in enumerate(identities)]
    payloads.append({"name": "twice", "identity": identities[0]})

    result = clinic.house.writer.bulk(clinic.ctx(), "patient", Bulk(payloads, atomic=False))

    assert result.counts == {"done": 150, "refused": 1}
    assert clinic.found(f'identity == "{identities[70]}"') == {result.items[70].id}
    assert not any(each in clinic.dump() for each in identities)


def test_an_encrypted_value_says_nothing_of_itself_when_it_is_printed() -> None:
    sealed = Sealed(b"body", "blind", "tail")

    assert str(sealed) == "***"
    assert repr(sealed) == "Sealed()"


def test_history_tells_that_a_value_changed_and_not_to_what(clinic: Clinic) -> None:
    record = clinic.create(name="Feng", account="62220001")
    clinic.update(record, account="62220002")

    entries = clinic.house.reader.history(clinic.ctx(), "patient", record)

    changes = [change for entry in entries for change in entry.changes if change.field == "account"]
    told = {(change.before, change.after) for change in changes}
    assert told == {("***", "***"), (None, "***")}


def test_identity_of_the_issue_is_masked_by_its_ends(clinic: Clinic) -> None:
    record = clinic.create(name="Chen", identity=IDENTITY)

    assert clinic.read(record).values["identity"] == "110***********721X"
