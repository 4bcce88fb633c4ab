"""What every part of the bundled template must have before a salesperson sees it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

import pytest

from engine.agenda.repeats import read_rule
from metamodel import Layer, Model, bundle, diff, load, read_text
from metamodel.label import Label
from metamodel.model import Entity

# C-*, L-*, T-*, O-*, Q-*, R-*, F-*, M-*, H-*, V-*, N-*, K-* of the requirements stand on these.
WANTED = (
    "customer", "contact", "product_category", "product", "opportunity", "quote", "quote_line",
    "sales_order", "order_line", "receivable_plan", "payment", "payment_line", "return_order",
    "return_line", "write_off", "ticket", "ticket_log",
    "customer_org", "territory", "territory_member", "opp_member", "opp_contact", "opp_competitor",
    "opp_product", "bid", "competitor", "competitor_product", "competitor_intel", "product_option",
    "config_rule", "product_relation", "price_book", "price_book_item", "contract",
    "contract_milestone", "delivery", "delivery_line", "invoice_profile", "invoice",
    "invoice_mailing", "expense", "commission_rule", "commission_tier", "commission", "cash_entry",
    "sales_target",
    "lead", "activity", "visit_plan", "task", "note", "calendar_event", "event_attendee", "message",
    "message_template", "mass_send", "channel", "channel_stat", "campaign", "campaign_member",
    "landing_page", "web_message", "offer", "partner", "asset", "service_contract", "sla_policy",
    "kb_article", "survey", "survey_answer", "user_voice", "document", "document_version", "folder",
    "call", "call_list", "call_list_item", "call_script", "call_queue",
)  # fmt: skip

TEXTS = ("label", "plural", "help", "message", "guide")
NAMES_OF_ENTITIES = (
    "entities",
    "rights",
    "entries",
    "lists",
    "starter_records",
    "notify",
    "email",
    "send",
)
"""Maps where `message` is an entity's name, or names a message."""


def own_entities(model: Model) -> tuple[Entity, ...]:
    return tuple(entity for entity in model.entities.values() if not entity.builtin)


def masters(model: Model) -> tuple[Entity, ...]:
    return tuple(entity for entity in own_entities(model) if entity.child_of is None)


def test_the_template_has_the_entities_of_selling_money_and_service(model: Model) -> None:
    assert {entity.name for entity in own_entities(model)} >= set(WANTED)


def test_what_has_no_effect_yet_is_whole_elements_and_never_a_misspelt_key(model: Model) -> None:
    """What the language names and the engine does not run yet is listed, and is nothing else."""
    ahead = {
        declared.path
        for declared in model.declared
        if declared.origin.layer == "crm" and not _ahead_of_the_engine(model, declared.path)
    }

    assert ahead == set()


def test_an_event_takes_no_rule_that_would_repeat_nothing(model: Model) -> None:
    fields = {each.name: each for each in model.entities["calendar_event"].fields.values()}
    rules = {
        "FREQ=WEEKLY;BYDAY=MO,WE;COUNT=4": True, "FREQ=YEARLY": True,
        "FREQ=MONTHLY;INTERVAL=2;BYDAY=-1FR;UNTIL=20261231T000000Z": True,
        "FREQ=MONTHLY;BYMONTHDAY=1,-1;BYMONTH=1,7;WKST=MO": True,
        "FREQ=DAILY;BYSETPOS=1": False, "FREQ=DAILY;INTERVAL=0": False, "FREQ=HOURLY": False,
        "FREQ=DAILY;UNTIL=tomorrow": False, "RRULE:FREQ=DAILY": False,
    }  # fmt: skip

    taken = {each: bool(re.fullmatch(fields["repeat"].pattern, each)) for each in rules}

    assert taken == rules
    assert {each: read_rule(each) is not None for each in rules} == rules


def test_the_template_in_one_file_loads_to_the_same_model(template: Layer, model: Model) -> None:
    text = bundle([template])

    again = load([read_text(text, "bundle.yaml")])

    assert again.source == model.source
    assert not diff(model, again).differences
    assert bundle([read_text(text, "bundle.yaml")]) == text


def test_every_label_is_written_in_both_languages(template: Layer) -> None:
    missing = [
        ".".join(path)
        for path, label in _labels(template.document, ())
        if not {"en", "zh"} <= label.keys()
    ]

    assert missing == []


@pytest.mark.parametrize("what", ["label", "plural", "icon", "module"])
def test_every_entity_says_what_it_is_called_and_where_it_belongs(model: Model, what: str) -> None:
    missing = [entity.name for entity in own_entities(model) if not getattr(entity, what)]

    assert missing == []


def test_every_field_has_a_label_of_its_own(model: Model) -> None:
    bare = [
        f"{entity.name}.{field.name}"
        for entity in own_entities(model)
        for field in entity.fields.values()
        if not field.builtin and not _bilingual(field.label)
    ]

    assert bare == []


def test_every_master_entity_has_forms_and_lists_of_its_own(model: Model) -> None:
    bare = [
        entity.name
        for entity in masters(model)
        if entity.forms["default"].generated
        or not any(view.type == "list" and not view.generated for view in entity.views.values())
    ]

    assert bare == []


def test_every_pipeline_has_a_board_or_a_list_by_stage(model: Model) -> None:
    bare = [
        f"{entity.name}.{pipeline}"
        for entity in masters(model)
        for pipeline in entity.pipelines
        if not any(view.pipeline == pipeline for view in entity.views.values())
        and not any(
            column.path.text == "stage" for view in entity.views.values() for column in view.columns
        )
    ]

    assert bare == []


def test_the_menu_begins_with_dashboards_and_the_first_of_them_is_of_sales(model: Model) -> None:
    """People come to the first dashboard that they may see; what adds to one says no order."""
    first = model.menu.entries[0]

    assert [group.key for group in model.menu.entries[:3]] == ["home", "customers", "follow_up"]
    assert [each.dashboard for each in first.entries] == list(model.dashboards)
    assert next(iter(model.dashboards)) == "sales"


def test_every_master_entity_is_in_the_menu(model: Model) -> None:
    shown = {entry.entity for group in model.menu.entries for entry in group.entries}

    assert shown >= {entity.key for entity in masters(model)}


def test_every_role_may_read_something_and_every_entity_is_read_by_a_role(model: Model) -> None:
    roles = [role for role in model.roles.values() if not role.all_rights]
    read = {grant.entity for role in roles for grant in role.grants if grant.action == "read"}

    assert all(role.grants for role in roles)
    assert read >= {entity.key for entity in masters(model)}


def test_shares_are_not_rounded_to_none_or_all(model: Model) -> None:
    """A share is a fraction, and its scale are digits of that: without any, 49 of 100 are none."""
    rough = [
        f"{entity.name}.{field.name}"
        for entity in model.entities.values()
        for field in entity.fields.values()
        if field.type == "percent" and field.scale is not None and field.scale < 2
    ]

    assert rough == []


def test_money_roll_ups_are_stored(model: Model) -> None:
    """F-02, F-03, F-13: a balance is a fact of its record, not computed when somebody looks."""
    balances = [
        model.entities[entity].fields[field]
        for entity in ("sales_order", "customer")
        for field in ("received", "returned", "written_off", "outstanding")
    ]

    assert all(field.stored and field.column and field.formula for field in balances)


def test_every_link_between_masters_is_seen_from_the_other_side(model: Model) -> None:
    one_sided = {
        f"{entity.name}.{field.name}"
        for entity in own_entities(model)
        for field in entity.fields.values()
        if field.link and not field.builtin and not field.link.inverse
        if not all(model.entities[to].builtin for to in field.link.to)
    }

    # The primary contact is one of the customer's contacts, which are a collection already.
    assert one_sided == {"customer.primary_contact", "customer.invoice_profile"}


def _ahead_of_the_engine(model: Model, path: tuple[str, ...]) -> bool:
    """Return whether a path is a field, a view or a whole part that later engines run."""
    if path[0] != "entities":
        return len(path) <= 2
    entity = model.entities[path[1]]
    parts: dict[str, Collection[str]] = {"fields": entity.fields, "views": entity.views}
    return path[2] not in parts or path[3] in parts[path[2]] or len(path) == 4


def _bilingual(label: Label) -> bool:
    return bool(label.texts.get("en")) and bool(label.texts.get("zh"))


def _labels(node: object, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], dict]]:
    if not isinstance(node, dict):
        return
    for name, value in node.items():
        here = (*path, str(name))
        if name in TEXTS and path and path[-1] not in NAMES_OF_ENTITIES:
            yield here, value if isinstance(value, dict) and "type" not in value else {}
        yield from _labels(value, here)
