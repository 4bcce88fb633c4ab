"""A request that is sent again under its key is answered again, and done once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any
from uuid import uuid4

import pytest
from werkzeug.test import TestResponse

from engine.once import Answer, Once
from engine.requests import ENTITY, KEPT, claim
from tests.ui.api.calling import Api, Calling
from tests.ui.conftest import Visitor
from ui.session import CSRF_HEADER


@pytest.fixture
def key() -> dict[str, str]:
    return {"Idempotency-Key": uuid4().hex}


def found(api: Api, entity: str, name: str) -> int:
    title = "subject" if entity == "case" else "name"
    total = api.get(f"/records/{entity}", filter=f'{title} == "{name}"', count="exact")["total"]
    assert isinstance(total, int)
    return total


def same(first: TestResponse, again: TestResponse) -> bool:
    kept = [(each.status_code, each.data, each.headers.get("ETag")) for each in (first, again)]
    return kept[0] == kept[1] and again.headers["Idempotency-Replayed"] == "true"


def test_a_repeated_create_makes_one_record(api: Api, name: str, key: dict[str, str]) -> None:
    first = api.call("POST", "/records/case", {"subject": name}, headers=key)
    again = api.call("POST", "/records/case", {"subject": name}, headers=key)

    assert first.status_code == 201
    assert same(first, again)
    assert again.headers["Location"] == first.headers["Location"]
    assert found(api, "case", name) == 1


def test_the_answer_is_the_first_one_whatever_became_of_the_record(
    api: Api, name: str, key: dict[str, str]
) -> None:
    first = api.call("POST", "/records/product", {"name": name, "price": "1"}, headers=key)
    api.call("DELETE", f"/records/product/{first.json['id']}")

    again = api.call("POST", "/records/product", {"name": name, "price": "1"}, headers=key)

    assert same(first, again)
    assert found(api, "product", name) == 0


def test_a_key_stands_for_one_body(api: Api, name: str, key: dict[str, str]) -> None:
    api.call("POST", "/records/case", {"subject": name}, headers=key)

    other = api.call("POST", "/records/case", {"subject": f"{name} 2"}, headers=key)

    assert (other.status_code, other.json["code"]) == (422, "key_reused")
    assert found(api, "case", f"{name} 2") == 0


def test_a_key_is_each_persons_and_each_routes_own(
    api: Api, calling: Calling, name: str, key: dict[str, str]
) -> None:
    api.call("POST", "/records/case", {"subject": name}, headers=key)

    theirs = calling().call("POST", "/records/case", {"subject": name}, headers=key)
    elsewhere = api.call("POST", "/records/product", {"name": name}, headers=key)

    assert [theirs.status_code, elsewhere.status_code] == [201, 201]
    assert found(api, "case", name) == 2


def test_a_refused_request_may_be_mended_under_its_key(
    api: Api, name: str, key: dict[str, str]
) -> None:
    refused = api.call("POST", "/records/case", {}, headers=key)
    made = api.call("POST", "/records/case", {"subject": name}, headers=key)

    assert [refused.status_code, made.status_code] == [422, 201]


@pytest.mark.parametrize("value", ["", "x" * 256])
def test_a_key_that_is_none_is_refused(api: Api, name: str, value: str) -> None:
    headers = {"Idempotency-Key": value}

    answer = api.call("POST", "/records/case", {"subject": name}, headers=headers)

    assert answer.status_code == 422
    assert answer.json["errors"][0]["code"] == "invalid_key"


def test_every_call_with_an_effect_is_done_once(api: Api, name: str) -> None:
    customer = api.create("customer", name=name)
    order = api.create("order", customer=customer["id"])
    path = f"/records/order/{order['id']}"
    api.call("DELETE", path)
    calls: list[tuple[str, Any]] = [
        (f"{path}/restore", None),
        (f"{path}/move", {"to": "sent"}),
        (f"{path}/convert/to_case", None),
        ("/bulk/case", {"create": [{"subject": name}]}),
    ]

    for address, body in calls:
        headers = {"Idempotency-Key": uuid4().hex}
        first, again = (api.call("POST", address, body, headers=headers) for _ in range(2))
        assert first.status_code == 200, first.text
        assert same(first, again), address
    assert found(api, "case", name) == 1
    assert found(api, "case", order["code"]) == 1


def test_an_import_is_taken_in_once(api: Api, name: str, key: dict[str, str]) -> None:
    def send() -> TestResponse:
        file = f"subject\n{name}\n".encode()
        return api.call("POST", "/import/case", file, headers=key, content_type="text/csv")

    first, again = send(), send()

    assert first.status_code == 202
    assert same(first, again)


def test_many_at_once_make_one_record(calling: Calling, name: str, key: dict[str, str]) -> None:
    api = calling()
    answers: list[TestResponse] = []
    start = Barrier(6)

    def send() -> None:
        start.wait()
        body = {"name": name}
        answers.append(replace(api, client=api.client.application.test_client()).call(
            "POST", "/records/product", body, headers=key
        ))  # fmt: skip

    threads = [Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.json["id"] for answer in answers if answer.status_code == 201}) == 1
    assert found(api, "product", name) == 1


def test_while_the_first_runs_the_second_is_told_so(
    api: Api, name: str, key: dict[str, str]
) -> None:
    with held(api, "/records/case", key):
        answer = api.call("POST", "/records/case", {"subject": name}, headers=key)

    assert (answer.status_code, answer.json["code"]) == (409, "key_running")
    assert found(api, "case", name) == 0


@contextmanager
def held(api: Api, path: str, key: dict[str, str]) -> Iterator[None]:
    """Hold a key as a unit does that is still at work."""
    user = person(api)
    route = f"POST /api/v1/{api.ctx.tenant.name}{path}"
    once = Once(key["Idempotency-Key"], route, "", lambda _, __: Answer(200, ""))
    ctx = replace(api.ctx, once=once, actor=replace(api.ctx.actor, user=user))
    with api.house.database.reading(ctx) as connection:
        claim(ctx, connection)
        yield


def person(api: Api) -> Any:
    bearer = api.house.accounts.bearer(api.token)
    assert bearer is not None
    ctx = api.house.contexts.make(
        api.ctx.tenant.name, bearer.account.id, language="en", cause=api.ctx.cause
    )
    return ctx.actor.user


def test_a_form_that_is_sent_twice_saves_once(
    visitor: Visitor, name: str, key: dict[str, str]
) -> None:
    headers = {**key, CSRF_HEADER: visitor.csrf}

    first, again = (
        visitor.client.post(
            visitor.path("/records/product"), json={"values": {"name": name}}, headers=headers
        )
        for _ in range(2)
    )

    assert first.status_code == 200
    assert same(first, again)


def test_after_a_day_a_key_is_new_and_its_answer_gone(
    api: Api, name: str, key: dict[str, str]
) -> None:
    api.call("POST", "/records/case", {"subject": name}, headers=key)
    table = api.ctx.compiled.tables.of(ENTITY)
    at = table.c[api.ctx.model.entities[ENTITY].fields["at"].column]
    mine = table.c[api.ctx.model.entities[ENTITY].fields["key"].column] == key["Idempotency-Key"]
    api.house.database.unit(
        api.ctx,
        lambda it: it.execute(table.update().where(mine).values({at: at - KEPT - timedelta(1)})),
    )

    api.call("POST", "/records/case", {"subject": name}, headers=key)

    with api.house.database.reading(api.ctx) as connection:
        kept = connection.execute(table.select().where(mine)).all()
    assert found(api, "case", name) == 2
    assert len(kept) == 1


def test_what_fails_keeps_no_answer(api: Api, name: str, key: dict[str, str]) -> None:
    api.create("product", name=name)

    first = api.call("POST", "/records/product", {"name": name}, headers=key)
    product = api.get("/records/product", filter=f'name == "{name}"')["data"][0]
    api.call("DELETE", f"/records/product/{product['id']}")
    second = api.call("POST", "/records/product", {"name": name}, headers=key)

    assert [first.status_code, second.status_code] == [422, 201]
