"""Roles, members and followed records as written: what they become, and what is refused (A-06)."""

from __future__ import annotations

import pytest

from metamodel import DefinitionInvalid, Model, load, read_text

APP = """
format: 1
app: {name: club, label: Club, version: "1.0"}
entities:
  customer:
    label: Customer
    title: name
    owned: true
    fields: {name: {type: text}, credit: {type: money}}
  deal:
    label: Deal
    title: name
    owned: true
    members: {collection: team, person: who, when: "active", write_when: 'access == "edit"'}
    follows: customer
    fields:
      name: {type: text}
      customer: {type: link, to: customer, inverse: deals}
      visitors: {type: users}
    pipelines:
      sales: {field: stage, stages: {open: {label: Open}, won: {label: Won, ends: won}}}
    views: {mine: {label: Mine, type: list}, board: {label: Board, type: kanban, pipeline: sales}}
  deal_member:
    label: Member
    child_of: {entity: deal, collection: team}
    fields:
      who: {type: user}
      active: {type: boolean}
      access: {type: choice, options: {view: {label: View}, edit: {label: Edit}}}
roles:
  sales:
    label: Sales
    rights: {deal: {create: all, read: own, update: own}, customer: {read: own}}
    views: {deal: [mine]}
    deny: {customer: {delete: all, fields: {credit: read}}, deal: {moves: [won]}}
    gives: [sales]
    moves: {deal: [open, won]}
"""


def _model(*layers: str) -> Model:
    return load([read_text(text, f"{at}.yaml") for at, text in enumerate((APP, *layers))])


def _codes(layer: str) -> set[str]:
    with pytest.raises(DefinitionInvalid) as raised:
        _model(layer)
    return {problem.code for problem in raised.value.problems}


def test_members_are_conditions_on_the_record() -> None:
    deal = _model().entities["deal"]

    assert deal.members is not None and deal.members.write is not None
    assert deal.members.read.text == "ANY(team, who in user.acting_for and active)"
    assert deal.members.write.text.endswith('and access == "edit")')
    assert deal.follows == ("customer",)


def test_a_role_keeps_every_list_by_key() -> None:
    role = _model().roles["sales"]

    assert (role.views, role.gives) == ({"deal": ("mine",)}, ("sales",))
    assert role.ceilings == {("customer", "credit"): "read"}
    assert role.barred == {"deal": ("won",)}
    assert [(deny.entity, deny.action) for deny in role.denies] == [("customer", "delete")]


def test_layers_add_to_lists_of_a_role_and_take_from_them() -> None:
    layer = """
roles:
  sales:
    views: {deal: {$add: [board], $drop: [mine]}}
    gives: {$add: [boss]}
    deny: {deal: {moves: {$add: [open]}}}
  boss: {label: Boss}
"""
    role = _model(layer).roles["sales"]

    assert (role.views["deal"], role.gives) == (("board",), ("sales", "boss"))
    assert role.barred["deal"] == ("won", "open")


def test_what_is_said_of_all_entities_lets_nobody_write_who_belongs_where() -> None:
    layer = 'roles: {clerk: {label: Clerk, rights: {"*": {create: all, read: all, update: all}}}}'
    grants = _model(layer).roles["clerk"].grants

    assert {g.action for g in grants if g.entity == "deal"} == {"create", "read", "update"}
    for people in ("user", "department", "team", "position", "deputy"):
        assert {g.action for g in grants if g.entity == people} == {"read"}


@pytest.mark.parametrize(
    ("layer", "code"),
    [
        ("entities: {customer: {follows: name}}", "not_one_link"),
        ("entities: {deal: {follows: visitors}}", "not_one_link"),
        ("entities: {deal: {follows: nothing}}", "unknown_field"),
        (
            "entities: {customer: {follows: d, fields: {d: {type: link, to: deal}}}}",
            "follow_cycle",
        ),
        ("entities: {deal: {members: {collection: crowd}}}", "unknown_collection"),
        ("entities: {deal: {members: {person: nobody}}}", "formula_unknown_name"),
        ("entities: {deal_member: {follows: who}}", "rights_of_child"),
        ("roles: {sales: {views: {deal: [secret]}}}", "unknown_part"),
        ("roles: {sales: {buttons: {deal: [win]}}}", "unknown_part"),
        ("roles: {sales: {gives: [king]}}", "unknown_role"),
        ("roles: {sales: {deny: {deal: {moves: [lost]}}}}", "unknown_stage"),
        ("roles: {sales: {deny: {customer: {fields: {debt: none}}}}}", "unknown_field"),
        ("roles: {sales: {deny: {customer: {fields: {credit: write}}}}}", "unknown_value"),
    ],
)
def test_what_cannot_hold_is_refused_with_its_reason(layer: str, code: str) -> None:
    assert code in _codes(layer)
