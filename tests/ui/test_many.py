"""Many records at once over the pages' own routes: counted, left to a worker, taken back."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from engine.doors import Edit
from tests.attending import attended, work
from tests.ui.conftest import Visiting, Visitor


def test_a_change_of_many_is_left_to_a_worker_and_told_of_at_its_end(visitor: Visitor) -> None:
    """P-18: it goes on without the page; the notice leads to where it is taken back."""
    mark = uuid4().hex[:8]
    ids = [visitor.create("customer", name=f"{mark} {each}") for each in range(2)]
    body = {"ids": ids, "values": {"name": f"{mark} same"}}
    alone = visitor.send("/records/customer/bulk/begin", body)
    with attended(visitor.house):
        begun = visitor.send("/records/customer/bulk/begin", body)
    follow = begun.json["follow"].removeprefix(f"/{visitor.ctx.tenant.name}")
    waits = visitor.get(follow).json

    work(visitor.house, "change_many")
    ended = visitor.get(follow).json

    assert alone.json == {"follow": ""}, "without a worker the page does it itself"
    assert (waits["state"], waits["gone"], waits["total"]) == ("waiting", 0, 2)
    assert (ended["state"], ended["done"], ended["refused"]) == ("done", 2, 0)
    assert f"?bulk={follow.rpartition('/')[2]}" in visitor.get("/inbox?show=notices").text
    undone = visitor.send(f"{follow}/undo", {}).json
    assert (undone["done"], undone["kept"]) == (2, 0)
    listed = visitor.get(f"/records/customer?q={mark}").text
    assert f"{mark} 0" in listed
    assert f"{mark} same" not in listed


def test_a_change_of_somebody_locked_out_since_ends_with_nothing_done_and_is_told_of(
    visitor: Visitor, visiting: Visiting
) -> None:
    """P-18: its state is not left waiting for ever."""
    away, mark = visiting("administrator"), uuid4().hex[:8]
    record = away.create("customer", name=mark)
    with attended(away.house):
        body = {"ids": [record], "values": {"name": f"{mark} changed"}}
        begun = away.send("/records/customer/bulk/begin", body)
    away.house.writer.update(away.ctx, "user", [Edit(away.user, {"active": False})])

    work(away.house, "change_many")
    state = away.house.services.changing.state(away.ctx, UUID(begun.json["follow"][-36:]))

    assert (state.state, state.done) == ("failed", 0)
    assert "may not act any more" in state.message
    assert "It was stopped" in visitor.get("/inbox?show=notices").text
    assert f"{mark} changed" not in visitor.get(f"/records/customer?q={mark}").text


def test_a_change_of_another_person_or_another_list_is_not_there(
    visitor: Visitor, visiting: Visiting
) -> None:
    ids = [visitor.create("customer", name=uuid4().hex)]
    with attended(visitor.house):
        begun = visitor.send("/records/customer/bulk/begin", {"ids": ids, "trash": True})
    follow = begun.json["follow"].removeprefix(f"/{visitor.ctx.tenant.name}")

    assert visiting("administrator").get(follow).status_code == 404
    assert visitor.get(follow.replace("customer", "quote")).status_code == 404
    work(visitor.house, "change_many")


def test_what_is_narrowed_is_counted_behind_its_rows_and_exactly_on_asking(
    visitor: Visitor, visiting: Visiting
) -> None:
    """P-18: with the rights of whoever asks."""
    mark = uuid4().hex[:8]
    for each in range(3):
        visitor.create("customer", name=f"{mark} {each}")

    whole = visitor.get("/records/customer").text
    few = visitor.get(f"/records/customer?q={mark}").text
    exact = visitor.get(f"/records/customer/count?q={mark}&exact=1")
    refused = visiting("clerk").get("/records/quote/count?exact=1")

    assert "data-exact-soon" not in whole
    assert "data-exact" not in few, "rows that are all here are counted"
    assert exact.json == {"text": "3", "more": False}
    assert refused.status_code == 404


def test_a_filter_that_is_typed_says_what_it_finds_and_what_could_follow(
    visitor: Visitor, visiting: Visiting
) -> None:
    """P-21: completion offers what the person may read and nothing else."""
    mark = uuid4().hex[:8]
    visitor.create("customer", name=mark)

    def told(who: Visitor, text: str, entity: str = "customer") -> dict[str, Any]:
        sent = {"values": {"formula": text, "at": len(text)}}
        answer = who.send(f"/records/{entity}/filter-check", sent)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json
        return found

    right = told(visitor, f'name == "{mark}"')
    wrong = told(visitor, "nam")

    assert (right["said"], right["errors"]) == ("1 record matches", [])
    assert wrong["errors"]
    assert "name" in [each["text"] for each in wrong["completions"]]
    refused = visiting("clerk").send("/records/quote/filter-check", {"values": {"formula": "x"}})
    assert refused.status_code == 404
