"""What is out of use is deleted on purpose alone, after a time of grace, and then for good.

Requirement P-05.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from engine.access.policy import Policy
from engine.errors import NotFound
from engine.purging import Purges
from engine.records.writer import Records
from engine.retired import Retirees
from engine.schema.live import read_live
from engine.schema.revisions import Author

VISITS = """
entities:
  customer:
    fields:
      city: {type: text}
      cities: {type: links, to: visit}
  visit:
    label: Visit
    title: subject
    fields: {subject: {type: text}}
"""
RETIRED = """
entities:
  customer:
    fields:
      city: {type: text, $retire: true}
      cities: {type: links, to: visit}
  visit:
    label: Visit
    title: subject
    fields: {subject: {type: text}}
"""
WITHOUT = VISITS.replace("city: {type: text}\n", "city: {type: text, $retire: true}\n").replace(
    "cities: {type: links, to: visit}", "cities: {type: links, to: visit, $retire: true}"
).replace("label: Visit", "label: Visit\n    $retire: true")  # fmt: skip

CITY = ("entities", "customer", "fields", "city")


def create(shop: Any, entity: str, **values: object) -> Any:
    """Create a record as people do; return its id."""
    writer = Records(shop.database, Policy(shop.database))
    return writer.create(shop.ctx(), entity, [values]).ids[0]


def purges(shop: Any, days: int = 0) -> Purges:
    """Return what deletes after some days of grace."""
    return Purges(shop.publisher, Retirees(shop.database), timedelta(days=days))


def later(shop: Any) -> Any:
    """Return a context ten days from now, when something retired now is ten days old."""
    ctx = shop.ctx()
    [newest, *_] = shop.publisher.revisions(shop.tenant)
    at = newest.at + timedelta(days=10)
    return replace(ctx, moment=replace(ctx.moment, now=at, today=at.date()))


def purge(shop: Any, path: tuple[str, ...]) -> None:
    """Delete the data of something retired."""
    proposal = purges(shop).propose(later(shop), path)
    assert proposal.plan.risk == "loses"
    author = Author("Tester")
    shop.publisher.publish(shop.tenant, proposal, author=author, allow_loss=True)


def columns(shop: Any, table: str = "customer") -> set[str]:
    """Return the columns of a table as the catalogue has them."""
    with shop.database.owner(shop.tenant) as connection:
        live = read_live(connection, shop.tenant)
        return set(live[table].columns) if table in live else set()


def told(shop: Any) -> str:
    """Return all that history keeps, as one text."""
    with shop.database.owner(shop.tenant) as connection:
        rows = connection.exec_driver_sql(f"SELECT after FROM {shop.tenant.schema}.sys_change")
        return str([tuple(row) for row in rows])


def rejected(shop: Any, *entities: str) -> list[str]:
    """Keep a rejected row of an import into each entity; return those of which rows are kept."""
    schema = shop.tenant.schema
    with shop.database.owner(shop.tenant) as connection:
        for each in entities:
            connection.exec_driver_sql(
                f"WITH i AS (INSERT INTO {schema}.sys_import (id, entity, state) "  # noqa: S608
                f"VALUES (gen_random_uuid(), '{each}', 'done') RETURNING id) "
                f"INSERT INTO {schema}.sys_import_part (id, import, kind, place) "
                "SELECT gen_random_uuid(), id, 'rejected', 1 FROM i"
            )
        kept = connection.exec_driver_sql(
            f"SELECT i.entity FROM {schema}.sys_import_part p "  # noqa: S608
            f"JOIN {schema}.sys_import i ON i.id = p.import"
        )
        return [str(entity) for (entity,) in kept]


def test_a_retired_field_is_deleted_with_its_column_and_what_history_told(shop: Any) -> None:
    before = columns(shop)
    shop.publish(VISITS)
    create(shop, "customer", name="Ada", city="Jena")
    rejected(shop, "customer", "visit")
    shop.publish(RETIRED, allow_loss=True)
    assert "Jena" in told(shop)

    purge(shop, CITY)

    assert rejected(shop) == ["visit"]

    assert columns(shop) == before
    assert "Jena" not in told(shop)
    assert "Ada" in told(shop)
    assert (
        shop.publisher.propose(shop.tenant, shop.publisher.documents(shop.tenant)).plan.steps == ()
    )


def test_what_is_in_use_or_was_until_lately_is_not_deleted(shop: Any) -> None:
    shop.publish(VISITS)
    with pytest.raises(NotFound):
        purges(shop).propose(later(shop), CITY)
    shop.publish(RETIRED, allow_loss=True)

    with pytest.raises(NotFound):
        purges(shop, days=30).propose(later(shop), CITY)
    [found] = purges(shop, days=30).list(shop.ctx())
    assert (found.path, found.values) == (CITY, 0)


def test_a_retired_entity_is_deleted_with_its_table_and_link_tables(shop: Any) -> None:
    shop.publish(VISITS)
    visit = create(shop, "visit", subject="Fair")
    create(shop, "customer", name="Ada", cities=[str(visit)])
    shop.publish(WITHOUT, allow_loss=True)

    purge(shop, ("entities", "customer", "fields", "cities"))
    purge(shop, ("entities", "visit"))

    assert columns(shop, "visit") == set()
    assert "Fair" not in told(shop)
    create(shop, "customer", name="Bo")


def test_going_back_to_a_version_that_had_it_brings_it_back_empty_and_says_so(shop: Any) -> None:
    shop.publish(VISITS)
    create(shop, "customer", name="Ada", city="Jena")
    shop.publish(RETIRED, allow_loss=True)
    purge(shop, CITY)

    proposal = shop.publisher.propose(shop.tenant, shop.publisher.documents(shop.tenant, 2))
    [effect] = [each for each in proposal.plan.effects if each.code == "comes_back_empty"]
    shop.publisher.publish(shop.tenant, proposal, author=Author("Tester"))

    assert (effect.touches, effect.params) == ("customer", {"field": "city", "revision": 4})
    create(shop, "customer", name="Bo", city="Gera")


TOWN = VISITS.replace("city: {type: text}\n", "town: {type: text, renamed_from: city}\n")


@pytest.mark.parametrize("last", [TOWN.replace("renamed_from", "$retire: true, renamed_from"), ""])
def test_what_was_renamed_is_deleted_with_all_that_it_held_under_every_name(
    shop: Any, last: str
) -> None:
    before = columns(shop)
    shop.publish(VISITS)
    create(shop, "customer", name="Ada", city="Jena")
    shop.publish(TOWN)
    create(shop, "customer", name="Bo", town="Gera")
    shop.publish(last, allow_loss=True)
    town = (*CITY[:3], "town")

    found = [each.path for each in purges(shop).list(shop.ctx())]
    assert town in found
    assert CITY not in found
    purge(shop, town)

    assert {each for each in columns(shop) - before if each.startswith("city_")} == set()
    assert not {"Jena", "Gera"} & set(re.findall(r"\w+", told(shop)))


def test_what_only_earlier_versions_know_is_deleted_too(shop: Any) -> None:
    before = columns(shop)
    shop.publish(VISITS)
    create(shop, "customer", name="Ada", city="Jena")
    shop.publish("", allow_loss=True)

    purge(shop, CITY)

    assert columns(shop) == before
