"""Publishes while others publish, and people save: each does all of what it says, or nothing.

Requirements P-03, P-28.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

from engine.access.policy import Policy
from engine.errors import ModelChanged, PublishRunning
from engine.query.reader import Records as Reader
from engine.query.spec import ListQuery
from engine.schema.revisions import Author
from tests.engine.schema.conftest import MakeShop, Shop
from tests.engine.schema.test_changing_types import create
from tests.engine.schema.test_modules import APP, OFF

FIELD = "entities: {customer: {fields: {%s: {type: text}}}}"


@contextmanager
def people_saving(save: Callable[[int], None]) -> Iterator[list[int]]:
    """Have somebody save one record after the other; yields the numbers of those saved."""
    done: list[int] = []
    over = Event()

    def work() -> None:
        number = 0
        while not over.is_set():
            # As a request does: on the new model where it was published meanwhile.
            try:
                save(number)
            except ModelChanged:
                continue
            done.append(number)
            number += 1

    person = Thread(target=work)
    person.start()
    try:
        yield done
    finally:
        over.set()
        person.join()


def test_of_two_who_publish_at_once_one_does_and_nothing_that_is_saved_is_lost(shop: Any) -> None:
    proposals = [shop.publisher.propose(shop.tenant, shop.layered(FIELD % n)) for n in ("a", "b")]
    refused: list[type[Exception]] = []

    def publish(proposal: Any) -> None:
        try:
            shop.publisher.publish(shop.tenant, proposal, author=Author("Tester"))
        except (ModelChanged, PublishRunning) as error:
            refused.append(type(error))

    with people_saving(lambda number: _save(shop, number)) as saved:
        publishers = [Thread(target=publish, args=(each,)) for each in proposals]
        for each in publishers:
            each.start()
        for each in publishers:
            each.join()

    assert (shop.ctx().revision, len(refused)) == (2, 1)
    assert len({"a", "b"} & set(shop.ctx().model.entities["customer"].fields)) == 1
    assert _count(shop, "customer") == len(saved)


def test_a_module_goes_off_while_its_records_are_written_and_comes_back_with_all_of_them(
    make_shop: MakeShop,
) -> None:
    works = make_shop(APP)
    refused: list[int] = []

    def save(number: int) -> None:
        if "machine" not in _live(works):
            refused.append(number)
            return
        create(works, "machine", name=f"M{number}")

    with people_saving(save) as tried:
        while len(tried) < 5:
            Event().wait(0.01)
        works.publish(OFF)
        while not refused:
            Event().wait(0.01)

    works.publish("")
    assert _count(works, "machine") == len(tried) - len(refused)


def _live(shop: Shop) -> set[str]:
    return {key for key, each in shop.ctx().model.entities.items() if not each.off}


def _save(shop: Shop, number: int) -> None:
    create(shop, "customer", name=f"C{number}")


def _count(shop: Shop, entity: str) -> int:
    reader = Reader(shop.database, Policy(shop.database), "a secret of tests")
    query = ListQuery(entity, limit=1, count="exact")
    return reader.find(shop.ctx(), query).total or 0
