"""Before a change of roles is published, who gains and who loses what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import cycle, islice
from random import Random
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.access.compare import AccessDiff, Comparer, RecordsChange
from engine.access.policy import Policy
from engine.access.sentences import change_sentences
from engine.context import Context
from engine.errors import Forbidden
from engine.query.reader import Records
from engine.query.spec import ListQuery
from engine.schema.revisions import Document
from engine.store import ModelStore
from engine.tenants.provision import NewTenant, Provisioning
from engine.tenants.registry import TenantRegistry
from tests.budget import examples
from tests.conftest import Installation
from tests.engine.house import APP, House, furnish

HELD = (("own",), ("tree",), ("team",), ("no_plain", "own"), ("keys",), ("masked",))
"""The roles of the people of the house, one after the other."""

SCOPES = ("own", "team", "department", "department_tree", "all")

WHERES = ('level == "key"', "vip", "COUNT(quotes) > 1", "owner == user.id and vip")


@pytest.fixture(scope="module")
def manor(installation: Installation) -> Iterator[House]:
    """A house whose people hold roles."""
    database = installation.database
    store = ModelStore(database)
    provisioning = Provisioning(database, store, TenantRegistry(database))
    name = f"manor{uuid4().hex[:10]}"
    record, _ = provisioning.create(
        NewTenant(name, (Document("house", APP), Document("tenant", ""))), author="Tester"
    )
    policy = Policy(database)
    found = House(record.tenant, database, store, policy, Records(database, policy, "secret"))
    furnish(found, Random(3))
    compiled, _ = store.current(record.tenant)
    table, field = compiled.tables.of("user"), compiled.model.entities["user"].fields["roles"]
    with database.owner(record.tenant) as connection:
        for user, roles in zip(found.rows["user"], cycle(HELD), strict=False):
            connection.execute(
                table.update().where(table.c.id == user).values({field.column: list(roles)})
            )
    yield found
    provisioning.delete(name)


def published(manor: House, layer: str) -> Context:
    """Return the administrator's context on the model with a layer over it, not published."""
    ctx = manor.ctx("administrator")
    return replace(
        ctx, compiled=manor.store.compiled((Document("house", APP), Document("t", layer)))
    )


def compared(manor: House, layer: str) -> AccessDiff:
    comparer = Comparer(manor.database, manor.policy)
    return comparer.models(manor.ctx("administrator"), published(manor, layer).compiled)


def seen(manor: House, ctx: Context, user: UUID, roles: tuple[str, ...]) -> set[UUID]:
    """Return the customers that somebody lists, asked for one person alone."""
    known = manor.person(user, *roles)
    acting = replace(known, compiled=ctx.compiled)
    return {row.id for row in manor.reader.find(acting, ListQuery("customer", limit=500)).rows}


rights = st.one_of(
    st.sampled_from(SCOPES), st.sampled_from(WHERES).map(lambda text: f"{{where: '{text}'}}")
)


@settings(max_examples=examples(12), deadline=None)
@given(role=st.sampled_from(["own", "tree", "team", "keys"]), right=rights)
def test_gains_and_losses_are_what_lists_will_show(manor: House, role: str, right: str) -> None:
    layer = f"roles: {{{role}: {{rights: {{customer: {{read: {right}}}}}}}}}"
    before, after = manor.ctx("administrator"), published(manor, layer)
    people = list(zip(manor.rows["user"], islice(cycle(HELD), 6), strict=True))
    expected = {}
    for user, roles in people:
        old, new = (seen(manor, ctx, user, roles or ("nobody",)) for ctx in (before, after))
        if old != new:
            expected[user] = (len(new - old), len(old - new))

    found = compared(manor, layer)

    read = {
        each.person.id: (change.gained, change.lost)
        for each in found.people
        for change in each.records
        if (change.entity, change.action) == ("customer", "read")
    }
    assert read == expected
    assert found.asked == found.everybody
    for each in found.people:
        for change in each.records:
            assert len(change.some_gained) == min(5, change.gained)
            assert len(change.some_lost) == min(5, change.lost)


def test_the_same_model_changes_nothing(manor: House) -> None:
    assert compared(manor, "").is_empty


def test_a_field_that_opens_is_told_with_what_it_opens(manor: House) -> None:
    found = compared(manor, "roles: {masked: {fields: {customer: {credit: read, phone: none}}}}")

    [person] = found.people
    told = {(each.field, each.before, each.after) for each in person.fields}
    assert told == {
        ("credit", "none", "read"),
        ("phone", "mask", "none"),
        ("worth", "none", "read"),
    }
    assert [each.role for each in found.roles] == ["masked"]


def test_a_computed_field_that_reveals_is_told(manor: House) -> None:
    found = compared(manor, "entities: {customer: {fields: {worth: {reveals: true}}}}")

    assert found.revealed == (("customer", "worth"),)
    [person] = found.people
    assert [(each.field, each.after) for each in person.fields] == [("worth", "read")]


def test_sums_by_role_add_up(manor: House) -> None:
    found = compared(manor, "roles: {own: {rights: {customer: {read: all}}}}")

    [role] = found.roles
    gained = sum(c.gained for p in found.people for c in p.records if c.action == "read")
    assert (role.role, role.people) == ("own", 2)
    assert [c.gained for c in role.records if c.action == "read"] == [gained]


def test_giving_somebody_a_role_is_told_beforehand(manor: House) -> None:
    ctx, user = manor.ctx("administrator"), next(iter(manor.rows["user"]))
    comparer = Comparer(manor.database, manor.policy)

    found = comparer.roles(ctx, {user: ("everything",)})

    [person] = found.people
    live = [r for r in manor.rows["customer"].values() if not r["sys_trashed_at"]]
    mine = [r for r in live if r["owner"] == user]
    reads: list[RecordsChange] = [
        c for c in person.records if (c.entity, c.action) == ("customer", "read")
    ]
    assert [(c.gained, c.lost) for c in reads] == [(len(live) - len(mine), 0)]
    assert ("customer", "create", True) in {
        (a.entity, a.action, a.gained) for a in person.abilities
    }


def test_what_is_only_there_once_published_is_said_to_be_untold(manor: House) -> None:
    found = compared(
        manor,
        "entities: {customer: {fields: {secret: {type: boolean}}}}\n"
        "roles: {own: {rights: {customer: {read: {where: 'not secret'}}}}}",
    )

    assert ("customer", "read") in found.untold


def test_nobody_else_is_told_of_others_rights(manor: House) -> None:
    comparer = Comparer(manor.database, manor.policy)
    ask = partial(comparer.models, manor.ctx("everything"), published(manor, "").compiled)

    with pytest.raises(Forbidden):
        ask()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_change_is_told_in_sentences(manor: House, language: str) -> None:
    layer = """
    entities: {customer: {fields: {worth: {reveals: true}, secret: {type: boolean}}}}
    roles:
      own: {rights: {customer: {read: all, create: all}}, fields: {customer: {credit: none}}}
      team: {rights: {customer: {read: {where: 'not secret'}}}}
    """
    found = compared(manor, layer)

    told = change_sentences(published(manor, layer).model, found, language)

    assert len(told) >= 5
    assert not any("{" in each or "None" in each for each in told)
