"""A publish that is killed, cut off or overtaken leaves the old revision or the new one, whole.

P-03: until the switch a failure leaves the old revision serving; what remains is taken up.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from threading import Event, Thread
from typing import Any

import pytest
from sqlalchemy import text

from engine.errors import (
    FieldError,
    ModelChanged,
    PlanBlocked,
    PublishRunning,
    RecordRefused,
    Unavailable,
)
from engine.schema import running
from engine.schema.apply import Mark
from engine.schema.revisions import Author
from engine.tending import TendPublishes
from engine.transfer.catalog import read_structure
from engine.transfer.settled import settled_moment
from tests.budget import SOAK
from tests.engine.schema.conftest import take_all_for_large
from tests.engine.schema.killing import publish_killed
from tests.engine.schema.test_changing_types import create
from tests.engine.schema.test_large import AFTER, _check, _is_clean, large
from tests.engine.schema.test_publish import add_customer, values
from tests.engine.schema.test_splitting import LIFE, SPLIT

__all__ = ["large"]

UNIQUE = "entities: {customer: {fields: {city: {type: text, unique: true}}}}"


def test_a_killed_publish_leaves_the_old_or_the_new_revision(large: Any) -> None:
    points = _points(large)
    chosen = points if SOAK > 1 else points[:: max(1, len(points) // 4)]
    before = large.ctx().revision

    for point in chosen:
        _killed_at(large, point)

        serving = large.ctx().revision
        assert serving in (before, before + 1)
        _check(large)
        large.publisher.mend(large.tenant)
        _check(large)
        assert _is_clean(large)
        if serving != before:
            large.publish(BACK, allow_loss=True)
            before = large.ctx().revision
    assert large.ctx().model.entities["customer"].fields["twice"].formula is not None


def test_what_a_killed_publish_made_is_taken_away_unless_it_is_published_again(large: Any) -> None:
    _killed_at(large, len(_points(large)) // 3)

    with large.database.owner(large.tenant) as connection:
        assert running.left_behind(connection, large.tenant)
    large.publish("entities: {customer: {fields: {town: {type: text}}}}", allow_loss=True)

    assert _is_clean(large)
    states = [each.state for each in large.publisher.publications(large.tenant)]
    assert states[:2] == ["done", "failed"]


def test_who_publishes_and_how_far_it_is_can_be_asked_meanwhile(large: Any) -> None:
    seen = []

    def look(mark: Mark) -> None:
        if mark.step.fill == "computed" and mark.rows:
            seen.append(large.publisher.publications(large.tenant)[0])

    proposal = large.publisher.propose(large.tenant, large.layered(AFTER))
    large.publisher.publish(
        large.tenant,
        proposal,
        author=Author("Ada"),
        message="More",
        allow_loss=True,
        progress=look,
    )

    assert {(e.author, e.message, e.alive, e.state) for e in seen} == {
        ("Ada", "More", True, "running")
    }
    assert any(0 < each.rows <= each.of for each in seen)
    newest = large.publisher.publications(large.tenant)[0]
    assert (newest.state, newest.alive) == ("done", False)


def test_a_second_publisher_is_told_that_somebody_publishes(
    shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "WAIT", "SET LOCAL lock_timeout = '50ms'")
    begun, go_on = Event(), Event()

    def hold(_: Mark) -> None:
        begun.set()
        go_on.wait(30)

    first = shop.publisher.propose(shop.tenant, shop.layered(UNIQUE))
    second = shop.publisher.propose(
        shop.tenant, shop.layered("entities: {customer: {fields: {age: {type: integer}}}}")
    )
    thread = Thread(
        target=lambda: shop.publisher.publish(
            shop.tenant, first, author=Author("One"), progress=hold
        )
    )
    thread.start()
    begun.wait(30)

    with pytest.raises(PublishRunning):
        shop.publisher.publish(shop.tenant, second, author=Author("Two"))
    go_on.set()
    thread.join()

    assert shop.ctx().revision == 2
    with pytest.raises(ModelChanged):
        shop.publisher.publish(shop.tenant, second, author=Author("Two"))


@pytest.mark.parametrize("dies", [True, False])
def test_a_copy_begins_when_what_follows_a_switch_is_done(
    shop: Any, monkeypatch: pytest.MonkeyPatch, dies: bool
) -> None:
    """A backup has what moved in its history, whether its publish runs still, or was killed."""
    monkeypatch.setattr(running, "WAIT", "SET LOCAL lock_timeout = '50ms'")
    shop.publish(LIFE)
    create(shop, "customer", name="Ada", phase="talks", note="n", budget="5000")
    take_all_for_large(monkeypatch)
    go_on = Event()

    def finish(tenant: Any) -> int:
        try:
            return int(shop.publisher.mend(tenant))
        except PublishRunning:
            go_on.set()
            raise

    publishing = Thread(target=_published_until, args=(shop, go_on))
    if dies:
        publish_killed(shop, SPLIT, lambda mark: mark.step.phase == "settle")
    else:
        publishing.start()
        _wait_for(shop, "switched")
    with settled_moment(shop.database, shop.tenant, finish) as source:
        told = source.exec_driver_sql(
            f"SELECT c.after FROM {shop.tenant.schema}.sys_change c "  # noqa: S608
            f"JOIN {shop.tenant.schema}.sys_change_set s ON s.id = c.change_set "
            "WHERE s.door = 'publish'"
        ).all()
    if not dies:
        publishing.join()

    assert [tuple(each) for each in told] == [({"phase": "big"},)]
    assert go_on.is_set() is not dies


def _published_until(shop: Any, go_on: Event) -> None:
    """Publish a split, and rest after its switch until it may go on."""
    proposal = shop.publisher.propose(shop.tenant, shop.layered(SPLIT))
    shop.publisher.publish(
        shop.tenant,
        proposal,
        author=Author("Ada"),
        progress=lambda mark: mark.step.phase == "settle" and go_on.wait(30),
    )


def _wait_for(shop: Any, state: str) -> None:
    pause = Event()
    while shop.publisher.publications(shop.tenant)[0].state != state:
        pause.wait(0.02)


def test_values_that_break_a_unique_rule_since_it_was_planned_block_it(shop: Any) -> None:
    shop.publish("entities: {customer: {fields: {city: {type: text}}}}")
    add_customer(shop, name="Ada", city="Jena")
    proposal = shop.publisher.propose(shop.tenant, shop.layered(UNIQUE))
    add_customer(shop, name="Bo", city="Jena")

    with pytest.raises(PlanBlocked) as refused:
        shop.publisher.publish(shop.tenant, proposal, author=Author("Tester"))

    effects: Any = refused.value.params["effects"]
    [effect] = effects
    assert (effect.code, effect.rows) == ("not_unique", 2)
    assert shop.ctx().revision == 2
    assert values(shop, "city") == {"Ada": "Jena", "Bo": "Jena"}


def test_a_database_that_goes_away_in_the_middle_leaves_the_old_revision(large: Any) -> None:
    before = large.ctx().revision

    def cut(mark: Mark) -> None:
        if mark.step.fill == "computed" and mark.done:
            with large.database.registry() as connection:
                connection.execute(
                    text(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                        "WHERE datname = current_database() AND pid <> pg_backend_pid() "
                        "AND usename = current_user AND state LIKE 'idle in%'"
                    )
                )
            raise Unavailable(reason="cut off")

    proposal = large.publisher.propose(large.tenant, large.layered(AFTER))
    with pytest.raises(Unavailable):
        large.publisher.publish(
            large.tenant, proposal, author=Author("Tester"), allow_loss=True, progress=cut
        )

    assert large.ctx().revision == before
    _check(large)
    large.publish(AFTER, allow_loss=True)
    _check(large)
    assert _is_clean(large)


def test_who_saves_what_will_have_to_be_unique_is_told_so_while_it_is_published(shop: Any) -> None:
    shop.publish("entities: {customer: {fields: {city: {type: text}}}}")
    create(shop, "customer", name="Ada", city="Jena")
    told: list[FieldError] = []

    def save(mark: Mark) -> None:
        if mark.step.code == "create_unique_index" and mark.done:
            with pytest.raises(RecordRefused) as refused:
                create(shop, "customer", name="Bo", city="Jena")
            told.extend(refused.value.errors)

    proposal = shop.publisher.propose(shop.tenant, shop.layered(UNIQUE))
    shop.publisher.publish(shop.tenant, proposal, author=Author("Tester"), progress=save)

    assert [(each.code, each.params["fields"]) for each in told] == [("unique", ["city"])]


def test_a_publish_that_fails_makes_nothing_unique(shop: Any) -> None:
    shop.publish("entities: {customer: {fields: {city: {type: text}}}}")
    create(shop, "customer", name="Ada", city="Jena")

    def fail(mark: Mark) -> None:
        if mark.step.code == "create_unique_index" and mark.done:
            raise Unavailable(reason="cut off")

    proposal = shop.publisher.propose(shop.tenant, shop.layered(UNIQUE))
    with pytest.raises(Unavailable):
        shop.publisher.publish(shop.tenant, proposal, author=Author("Tester"), progress=fail)

    create(shop, "customer", name="Bo", city="Jena")
    assert values(shop, "city") == {"Ada": "Jena", "Bo": "Jena"}


def test_a_publish_that_fails_while_saves_are_noted_leaves_nothing_noted(large: Any) -> None:
    """Going back adds no column: what notes saves is all that it makes."""
    note = "entities: {customer: {fields: {note: {type: %s}}}}"
    large.publish(note % "decimal", allow_loss=True)

    def fail(mark: Mark) -> None:
        if mark.step.code == "convert_values" and mark.done:
            raise Unavailable(reason="cut off")

    proposal = large.publisher.propose(large.tenant, large.layered(note % "text"))
    with pytest.raises(Unavailable):
        large.publisher.publish(
            large.tenant, proposal, author=Author("Tester"), allow_loss=True, progress=fail
        )

    assert not _is_clean(large)
    assert large.publisher.mend(large.tenant) == 1
    assert _is_clean(large)


class BreaksAfterAll:
    """Fails where a plan asks it to fill, at the very end of the switch."""

    def fill(self, *_: object, **__: object) -> None:
        raise RuntimeError("no")


def test_a_publish_that_fails_leaves_the_old_revision_serving_and_can_be_resumed(shop: Any) -> None:
    add_customer(shop, name="Ada", budget="5")
    layer = 'entities: {customer: {fields: {twice: {type: money, formula: "budget * 2"}}}}'
    proposal = shop.publisher.propose(shop.tenant, shop.layered(layer))
    working = shop.publisher._filler
    shop.publisher._filler = BreaksAfterAll()

    with pytest.raises(RuntimeError):
        shop.publisher.publish(shop.tenant, proposal, author=Author("Tester"))
    shop.publisher._filler = working

    assert shop.ctx().revision == 1
    add_customer(shop, name="Bo")
    assert shop.publish(layer) == 2


def test_a_tenant_that_was_reshaped_can_be_copied_whole(large: Any) -> None:
    large.publish(AFTER, allow_loss=True)

    with large.database.owner(large.tenant) as connection:
        structure = read_structure(connection, large.tenant)

    assert "customer" in structure
    # Whose statements are to be run yet is not for a copy to say.
    assert running.TABLE not in structure


BACK = AFTER.replace("budget * 3", "budget * 2")


def _points(shop: Any) -> list[int]:
    """Return the numbers of the marks that a publish makes, told by one that fails at its end."""
    plan = shop.publisher.propose(shop.tenant, shop.layered(AFTER)).plan
    # Each step is told at its beginning and its end, and those of the switch once more.
    return list(range(2 * len(plan.steps) + 4))


def _killed_at(shop: Any, point: int) -> None:
    """Publish in a process of its own, which is killed at its n-th mark."""
    marks = iter(range(point + 1))
    publish_killed(shop, AFTER, lambda _: next(marks) == point)


def test_what_a_killed_publish_left_is_taken_up_by_workers(large: Any) -> None:
    _killed_at(large, len(_points(large)) // 3)
    cut_off = large.publisher.publications(large.tenant)[0]
    assert (cut_off.state, cut_off.alive) == ("running", False)

    broken = replace(large.tenant, name="broken", schema="t_not_there", role="nobody")
    TendPublishes(large.publisher, lambda: [broken, large.tenant]).tick(datetime.now(UTC))

    assert _is_clean(large)
    assert [each.state for each in large.publisher.publications(large.tenant)][0] == "failed"
