"""A-08: the API answers with masks, and with a clear value only where it is asked for by name."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZipFile

import pytest

from tests.ui.api.calling import Api, Calling

CARD = "6222 0213 4455 6677"


@pytest.fixture
def order(api: Api, name: str) -> str:
    customer = api.create("customer", name=name)["id"]
    return str(api.create("order", customer=customer, card=CARD)["id"])


def test_a_record_and_a_list_answer_with_the_mask(api: Api, order: str) -> None:
    assert api.get(f"/records/order/{order}")["card"] == "**** 6677"
    rows = api.get("/records/order", filter=f'id == "{order}"', fields="card")["data"]
    assert [row["card"] for row in rows] == ["**** 6677"]


def test_a_clear_value_is_answered_by_name_and_not_kept(api: Api, order: str) -> None:
    answer = api.call("POST", f"/records/order/{order}/unmask", {"field": "card"})

    assert answer.status_code == 200
    assert answer.json == {"field": "card", "value": CARD}
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_record_that_was_read_can_be_sent_back_as_it_is(api: Api, order: str) -> None:
    shown = api.get(f"/records/order/{order}")

    answer = api.call("PATCH", f"/records/order/{order}", {"card": shown["card"], "reason": "x"})

    assert answer.status_code == 200
    unmasked = api.call("POST", f"/records/order/{order}/unmask", {"field": "card"})
    assert unmasked.json == {"field": "card", "value": CARD}


def test_whoever_may_not_is_told_so(calling: Calling, api: Api, order: str) -> None:
    clerk = calling("clerk")

    assert (
        clerk.call("POST", f"/records/order/{order}/unmask", {"field": "card"}).status_code == 403
    )
    missing = api.call("POST", f"/records/order/{order}/unmask", {"field": "nothing"})
    assert missing.status_code == 422


def test_nothing_but_equality_is_answered(api: Api, order: str) -> None:
    found = api.get("/records/order", filter=f'card == "{CARD}"')["data"]
    assert order in [row["id"] for row in found]

    for asked in ({"filter": 'CONTAINS(card, "6")'}, {"sort": "card"}):
        answer = api.call("GET", "/records/order", query=asked)
        assert answer.status_code == 422, asked


def test_an_export_names_what_goes_out_in_the_clear(api: Api, order: str) -> None:
    masked = api.call("GET", "/export/order", query={"fields": "card"})
    clear = api.call("GET", "/export/order", query={"fields": "card", "clear": "card"})

    assert CARD not in masked.text
    assert CARD in clear.text


def test_a_person_is_looked_at_given_and_erased_by_those_who_hold_every_right(
    api: Api, calling: Calling, order: str
) -> None:
    known = api.get(f"/person/order/{order}")
    given = api.call("GET", f"/person/order/{order}/file")
    begun = api.call("POST", f"/person/order/{order}/erase")

    assert known == {"about": [{"entity": "order", "ids": [order]}], "others": []}
    with ZipFile(BytesIO(given.data)) as file:
        assert CARD in file.read("records.jsonl").decode()
    assert begun.status_code == 202
    assert begun.json is not None
    assert api.get(f"/erasures/{begun.json['id']}")["state"] == "running"
    for method, path in (("GET", ""), ("GET", "/file"), ("POST", "/erase")):
        answer = calling("clerk").call(method, f"/person/order/{order}{path}")
        assert answer.status_code == 403
