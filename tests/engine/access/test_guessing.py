"""What a person may not see cannot be guessed from refusals, orders or what other roles lend."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from engine.access.policy import Policy
from engine.doors import Bulk, Edit
from engine.errors import FieldError, NotFound, RecordRefused
from engine.query.legible import LegibleScope
from engine.query.parse import parse_sort
from engine.query.reader import Records as Reader
from engine.query.spec import ListQuery
from metamodel.scope import scope_of
from tests.conftest import Installation, TenantMaker
from tests.engine.records.shop import Shop

APP = """
format: 1
app: {name: safe, label: Vault, version: "1.0", languages: [en]}
entities:
  client:
    label: Client
    owned: true
    title: name
    fields:
      name: {type: text, required: true, search: true}
      phone: {type: phone}
      card: {type: text, unique: true}
      limit: {type: money}
      stay: {type: period}
    duplicates: {phone: {match: {phone: exact}, action: warn}}
  deal:
    label: Deal
    owned: true
    title: name
    fields:
      name: {type: text, required: true, search: true}
      client: {type: link, to: client, inverse: deals}
      size: {type: money}
    pipelines:
      sales:
        field: stage
        stages: {open: {label: Open}, won: {label: Won}, paid: {label: Paid}}
        moves: {open: [won], won: [paid]}
    convert:
      again: {label: Again, when: "size > 5", steps: {deal: {create: deal, set: {name: name}}}}
roles:
  seller:
    label: Seller
    rights:
      client: {create: all, read: own, update: own}
      deal: {create: all, read: own, update: own}
    fields: {client: {limit: read}}
    moves: {deal: [open, won]}
  keeper:
    label: Keeper
    rights: {client: {read: all, delete: all}, deal: {read: own}}
  blind_seller:
    label: Blind seller
    rights: {client: {create: all, read: all}}
    fields: {client: {limit: none, stay: none}}
  viewer: {label: Viewer, rights: {client: {read: all}, deal: {read: all}}}
  blind:
    label: Blind
    rights: {client: {read: all}, deal: {create: all, read: all, update: all}}
    fields: {client: {name: none, card: none}}
"""


@pytest.fixture(scope="module")
def safe(tenant_of: TenantMaker, installation: Installation) -> Shop:
    return Shop.open(tenant_of(APP), installation.database)


def acting(safe: Shop, *roles: str) -> Shop:
    return safe.acting(kind="person", roles=roles)


def refusals(call: object, *arguments: object) -> list[FieldError]:
    with pytest.raises(RecordRefused) as refused:
        call(*arguments)  # type: ignore[operator]
    return list(refused.value.errors)


@pytest.fixture(scope="module")
def somebody(safe: Shop, installation: Installation) -> UUID:
    """Somebody else's id, put there as accounts are."""
    table = safe.ctx.compiled.tables.of("user")
    fields = safe.ctx.model.entities["user"].fields
    id_ = uuid4()
    with installation.database.owner(safe.ctx.tenant) as connection:
        connection.execute(
            table.insert().values(
                {
                    "id": id_,
                    fields["name"].column: "Stranger",
                    fields["email"].column: "stranger@x.org",
                }
            )
        )
    return id_


def test_a_stage_cannot_be_emptied_to_enter_any_other_from_there(safe: Shop) -> None:
    deal = safe.create("deal", {"name": "Pump", "stage": "paid"})

    errors = refusals(safe.update, "deal", deal, {"stage": None})

    assert [(each.code, each.path) for each in errors] == [("required", ("stage",))]


def test_a_stale_version_of_a_hidden_record_is_not_told(safe: Shop, somebody: UUID) -> None:
    hidden = safe.create("client", {"name": "Hidden", "owner": str(somebody)})
    seller = acting(safe, "seller")

    with pytest.raises(NotFound):
        seller.records.update(seller.ctx, "client", [Edit(hidden, {"phone": "5551234"}, 9)])


def test_a_hidden_record_says_nothing_of_its_conversions(safe: Shop, somebody: UUID) -> None:
    hidden = safe.create("deal", {"name": "Hidden", "size": "3", "owner": str(somebody)})
    seller = acting(safe, "seller")

    with pytest.raises(NotFound):
        seller.records.convert(seller.ctx, "deal", hidden, "again")


def test_a_likeness_to_a_hidden_record_does_not_name_it(safe: Shop, somebody: UUID) -> None:
    values = {"name": "Secret Ltd", "phone": "5550001", "owner": str(somebody)}
    safe.create("client", values)
    seller = acting(safe, "seller")

    change = seller.records.create(seller.ctx, "client", [{"name": "Mine", "phone": "5550001"}])

    assert [dict(each.params) for each in change.warnings] == [{"title": "Mine"}]


def test_a_record_is_not_named_by_a_field_that_is_hidden(safe: Shop) -> None:
    safe.create("client", {"name": "Card", "card": "C-1"})
    blind = acting(safe, "blind")

    right = refusals(blind.create, "deal", {"name": "x", "client": {"card": "C-1"}})
    wrong = refusals(blind.create, "deal", {"name": "x", "client": {"card": "C-2"}})

    assert right == wrong
    assert [each.code for each in right] == ["link_key_unknown"]


def test_a_role_that_only_reads_lends_no_right_to_write(safe: Shop) -> None:
    both = acting(safe, "seller", "viewer")
    mine = both.create("client", {"name": "Mine"})
    deal = both.create("deal", {"name": "Mine", "stage": "won"})

    limit = refusals(both.update, "client", mine, {"limit": "5"})
    paid = refusals(both.update, "deal", deal, {"stage": "paid"})

    assert [each.code for each in limit] == ["not_writable"]
    assert [each.code for each in paid] == ["move_forbidden"]


def test_titles_that_are_hidden_order_nothing(safe: Shop) -> None:
    for name in ("Zoe", "Adam"):
        client = safe.create("client", {"name": name})
        safe.create("deal", {"name": f"of {name}", "client": str(client)})
    blind = acting(safe, "blind")
    reader = Reader(safe.database, Policy(safe.database), "secret")
    orders = [
        [row.id for row in reader.find(blind.ctx, ListQuery("deal", sort=sort)).rows]
        for sort in (parse_sort(blind.ctx, "deal", "client"), parse_sort(blind.ctx, "deal", "id"))
    ]

    assert orders[0] == orders[1]


def test_a_bulk_refuses_what_may_not_be_changed_and_does_the_rest(
    safe: Shop, somebody: UUID
) -> None:
    hidden = safe.create("client", {"name": "Hidden", "owner": str(somebody)})
    seller = acting(safe, "seller")
    mine = seller.create("client", {"name": "Mine"})
    edits = [Edit(hidden, {"phone": "5559999"}), Edit(mine, {"phone": "5559998"})]

    result = seller.records.bulk(seller.ctx, "client", Bulk(update=edits, atomic=False))

    found = [(item.status, [error.code for error in item.errors]) for item in result.items]
    assert found == [("refused", ["not_found"]), ("done", [])]


def test_what_keeps_a_record_is_counted_only_as_far_as_it_is_seen(
    safe: Shop, somebody: UUID
) -> None:
    clients = [safe.create("client", {"name": name}) for name in ("Both", "Hidden")]
    owner = safe.ctx.actor.user
    for client, holder in ((clients[0], owner), (clients[0], somebody), (clients[1], somebody)):
        safe.create("deal", {"name": "D", "client": str(client), "owner": str(holder)})
    keeper = acting(safe, "keeper")

    both = refusals(keeper.records.delete, keeper.ctx, "client", [clients[0]])
    hidden = refusals(keeper.records.delete, keeper.ctx, "client", [clients[1]])

    assert [(each.code, each.params.get("count")) for each in both] == [("in_use", 1)]
    assert [(each.code, dict(each.params)) for each in hidden] == [
        ("in_use_unseen", {"title": "Hidden"})
    ]


def test_no_hint_names_a_field_that_is_hidden(safe: Shop) -> None:
    blind = acting(safe, "blind_seller")

    [hidden] = refusals(blind.create, "client", {"name": "x", "limt": "1"})
    [shown] = refusals(blind.create, "client", {"name": "x", "phon": "1"})

    assert (hidden.params["near"], shown.params["near"]) == ("", "phone")


@pytest.mark.parametrize("role", ["blind_seller", "viewer"])
def test_a_value_of_several_parts_is_suggested_to_who_may_read_it(safe: Shop, role: str) -> None:
    client = safe.ctx.model.entities["client"].key
    scope = LegibleScope(acting(safe, role).ctx, scope_of(safe.ctx.model, client))

    assert ("stay" in scope.suggestions(("x",))) is (role == "viewer")
