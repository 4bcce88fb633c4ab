"""Many new records at once become exactly what they become one by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from engine.access.policy import Policy
from engine.doors import Bulk, BulkResult
from engine.errors import FieldError
from engine.records.setwise.fitting import why_not
from engine.records.writer import Records
from tests.budget import examples
from tests.engine.records.shop import Shop

ONE_BY_ONE = 10**9

TABLES = ("customer", "contact", "product", "quote", "order", "activity", "prospect",
          "sys_stage_visit")  # fmt: skip


class TakenBack(Exception):
    """Ends a unit so that nothing of it stays."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a bulk write did, ids of new records replaced by their places in it."""

    items: list[tuple[str, list[str]]]
    rows: dict[str, list[dict[str, Any]]]
    history: list[tuple[Any, ...]]
    warnings: list[str]


@pytest.fixture(scope="module")
def there(shop: Shop) -> dict[str, list[UUID]]:
    """Records to link to, one of them in the trash."""
    customers = [
        shop.create(
            "customer", {"name": f"Standing {at}", "email": f"s{at}@x.org", "phone": f"{at}"}
        )
        for at in range(3)
    ]
    contacts = [
        shop.create("contact", {"name": f"Person {at}", "customer": str(customers[at % 2])})
        for at in range(4)
    ]
    shop.update("customer", customers[0], {"primary": str(contacts[0])})
    shop.update("customer", customers[1], {"limit": "1000"})
    shop.create("product", {"name": "液压泵", "list_price": "10"})
    shop.records.delete(shop.ctx, "customer", [customers[2]])
    return {"customer": customers, "contact": contacts}


def outcome(shop: Shop, entity: str, payloads: Sequence[Any], *, setwise_from: int) -> Outcome:
    """Write payloads in one of the two forms, look at everything, and take it all back."""
    records = Records(shop.database, Policy(shop.database), setwise_from=setwise_from)
    seen: list[Outcome] = []

    def look(connection: Connection, result: BulkResult) -> None:
        seen[:] = [look_at(shop, connection, result)]
        raise TakenBack

    with suppress(TakenBack):
        records.bulk(shop.ctx, entity, Bulk(create=payloads, atomic=False, alongside=look))
    return seen[0]


def look_at(shop: Shop, connection: Connection, result: BulkResult) -> Outcome:
    names = {str(item.id): f"#{item.index}" for item in result.items if item.id}
    set_id = result.change.id if result.change else None
    tables = shop.ctx.compiled.tables
    rows = {}
    for name in TABLES:
        found = connection.execute(select(tables.of(name))).mappings().all()
        rows[name] = sorted((plain(row, names) for row in found), key=repr)
    sets, changes = tables.of("sys_change_set"), tables.of("sys_change")
    fields = shop.ctx.model.entities["sys_change"].fields
    asked = [changes.c[fields[key].column] for key in
             ("entity", "record", "operation", "computed", "before", "after", "seq")]  # fmt: skip
    of = changes.c[fields["change_set"].column]
    kept = connection.execute(select(*asked).where(of == set_id).order_by(asked[-1])).all()
    assert set_id is None or connection.execute(select(sets).where(sets.c.id == set_id)).one()
    history = [tuple(told(value, names) for value in row[:-1]) for row in kept]
    own = len([row for row in history if row[2] == "create"])
    return Outcome(
        [(item.status, sorted(map(said, item.errors))) for item in result.items],
        rows,
        [*history[:own], *sorted(history[own:], key=repr)],
        sorted(said(each) for each in (result.change.warnings if result.change else ())),
    )


def plain(row: Mapping[Any, Any], names: Mapping[str, str]) -> dict[str, Any]:
    visit = "left_at" in row or "entered_at" in row
    return {
        name: names.get(str(value), value)
        for name, value in row.items()
        if not (visit and name == "id") and name != "sys_trash_set"
    }


def told(value: Any, names: Mapping[str, str]) -> Any:
    """Return a part of a history entry, numbers by what they come to."""
    if isinstance(value, dict):
        return {key: told(each, names) for key, each in sorted(value.items())}
    if isinstance(value, UUID | str) and str(value) in names:
        return names[str(value)]
    if isinstance(value, str) and value.replace(".", "", 1).replace("-", "", 1).isdigit():
        return Decimal(value).normalize()
    return value


def said(error: FieldError) -> str:
    params = {name: value for name, value in error.params.items() if name != "other"}
    return f"{error.code} {error.path} {params}"


@pytest.fixture(autouse=True)
def codes_begin_anew(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers are taken beforehand and stay taken, so that both forms would get others."""
    monkeypatch.setattr("engine.records.numbers.Numbers.take", lambda *_: list(range(1, 200)))


Drawn = Callable[[Random], Any]
"""Draws what one field of a payload says."""

FEW = 0.6
"""How often a field that may be left out is there."""


def one_of(*values: Any) -> Drawn:
    return lambda dice: dice.choice(values)


def link_to(entity: str) -> Drawn:
    """Draw a standing record by its place, or something that is none."""
    return one_of(*[(entity, at) for at in range(3)] * 3, None, "", "no id", str(UUID(int=7)))


words = one_of("Acme", "acme ", "北京 机械", "Löwe", "a\tb\\n", "", None, "x" * 121, 'q"u"o')
money = one_of("10.00", "0", 5, "-3.5", "1e3", "12.345", "NaN", None, "9" * 18)
by_mail = one_of(*({"email": f"{name}@x.org"} for name in ("s0", "s1", "s2", "nobody")))

KINDS: Mapping[str, Mapping[str, Drawn]] = {
    "customer": {
        "name": words,
        "email": one_of("s0@x.org", "n1@x.org", "n2@x.org", "N1@x.org", "no mail", None),
        "phone": one_of("0", "1", "123", None),
        "industry": one_of("steel", "steel", "gone", "none", None),
        "limit": money,
    },
    "product": {
        "name": one_of("液压泵", "Pump", "PUMP", "Valve", None),
        "list_price": money,
        "kind": one_of("machine", "part", None, True),
    },
    "quote": {
        "customer": lambda dice: dice.choice([link_to("customer"), by_mail])(dice),
        "contact": link_to("contact"),
        "tax_rate": one_of("13%", "0.06", "300%", None),
        "reason": words,
        "due": one_of("2026-05-01", "2026-02-30", None),
        "stage": one_of("open", "open", "sent", "lost", "won", "nowhere", None),
        "code": one_of("", None, "mine"),
    },
    "prospect": {
        "person": words,
        "company": words,
        "stage": one_of("new", "lost", "nowhere", None),
        "reach": one_of("near", None),
    },
    "activity": {"subject": words, "about": link_to("customer"), "unknown": one_of(1)},
}


def drawn(entity: str, dice: Random) -> dict[str, Any]:
    """Draw a payload; what comes first in its kind is in almost every one."""
    first, *rest = KINDS[entity]
    chosen = [name for name in rest if dice.random() < FEW / (3 if name in RARE else 1)]
    names = [first] * (dice.random() < 0.95) + chosen
    return {name: KINDS[entity][name](dice) for name in names}


RARE = frozenset({"code", "unknown"})


def placed(payload: Mapping[str, Any], there: Mapping[str, list[UUID]]) -> dict[str, Any]:
    """Return a payload with the ids of the standing records that it names by their place."""
    found: dict[str, Any] = {}
    for name, value in payload.items():
        if isinstance(value, tuple):
            id_ = str(there[value[0]][value[1]])
            value = {"entity": value[0], "id": id_} if name == "about" else id_
        found[name] = value
    return found


@pytest.mark.parametrize("entity", KINDS)
def test_the_entities_compared_have_a_set_wise_form(shop: Shop, entity: str) -> None:
    assert why_not(shop.ctx.compiled, shop.ctx.model.entities[entity]) == ""


@pytest.mark.parametrize("entity", KINDS)
@settings(
    max_examples=examples(25),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(min_value=0, max_value=10**9), count=st.integers(1, 9))
def test_both_forms_do_the_same(
    shop: Shop, there: dict[str, list[UUID]], entity: str, seed: int, count: int
) -> None:
    dice = Random(seed)
    payloads = [placed(drawn(entity, dice), there) for _ in range(count)]

    one_by_one = outcome(shop, entity, payloads, setwise_from=ONE_BY_ONE)
    set_wise = outcome(shop, entity, payloads, setwise_from=1)

    assert set_wise.items == one_by_one.items
    assert set_wise.rows == one_by_one.rows
    assert set_wise.history == one_by_one.history
    assert set_wise.warnings == one_by_one.warnings
