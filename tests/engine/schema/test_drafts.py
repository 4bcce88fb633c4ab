"""Drafts: several people prepare changes side by side, and publish one after the other (P-04)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from engine.context import Context
from engine.drafts import Drafts
from engine.drafts.going_out import GoingOut
from engine.errors import (
    DraftChanged,
    DraftExists,
    DraftUndecided,
    Forbidden,
    ModelChanged,
    NotFound,
    NothingToUndo,
    RecordRefused,
)
from metamodel import DefinitionInvalid
from metamodel.editing import Add, Change, Edit, Move, Rename, Restore, Retire

CUSTOMER = ("entities", "customer", "fields")
CITY = Add(CUSTOMER, "city", {"type": "text"}, after="name")


@pytest.fixture
def drafts(shop: Any) -> Iterator[Drafts]:
    yield Drafts(shop.database, shop.store, GoingOut(shop.database, shop.publisher))


def _begun(drafts: Drafts, ctx: Context, title: str, *edits: Edit) -> str:
    name = drafts.create(ctx, title).name
    drafts.edit(ctx, name, edits)
    return name


def _names(shop: Any) -> list[str]:
    fields = shop.ctx().model.entities["customer"].fields.values()
    return [each.name for each in fields if not (each.builtin or each.retired)]


def test_a_draft_changes_nothing_until_it_is_published(shop: Any, drafts: Drafts) -> None:
    ctx = shop.ctx()
    name = _begun(drafts, ctx, "Where they live", CITY)

    proposal = drafts.proposal(ctx, name)

    assert "city" not in _names(shop)
    assert [step.code for step in proposal.plan.steps] == ["add_column"]
    assert drafts.publish(ctx, name, over=proposal.over) == 2
    assert _names(shop)[:2] == ["name", "city"]
    assert shop.publisher.revisions(shop.tenant)[0].message == "Where they live"
    assert drafts.list(shop.ctx()) == ()


def test_drafts_of_several_people_stand_side_by_side(shop: Any, drafts: Drafts) -> None:
    ada, bo = shop.ctx(), shop.ctx()
    one, two = drafts.create(ada, "客户等级"), drafts.create(bo, "客户等级")

    assert (one.name, two.name) == ("ke_hu_deng_ji", "ke_hu_deng_ji_2")
    assert {each.author for each in drafts.list(ada)} == {ada.actor.user, bo.actor.user}
    with pytest.raises(DraftExists):
        drafts.create(ada, "Other", name=one.name)


def test_a_draft_is_taken_over_what_others_publish(shop: Any, drafts: Drafts) -> None:
    mine = _begun(drafts, shop.ctx(), "Mine", CITY, Rename((*CUSTOMER, "note"), "remark"))
    shop.publish("entities: {customer: {fields: {since: {type: date}}}}")

    draft = drafts.open(shop.ctx(), mine)

    assert (draft.over, draft.questions) == (2, ())
    drafts.publish(shop.ctx(), mine, over=2)
    assert {"city", "since", "remark"} <= set(_names(shop))


def test_what_meets_a_published_change_is_asked_and_stays_with_the_draft(
    shop: Any, drafts: Drafts
) -> None:
    path = (*CUSTOMER, "name", "label")
    mine = _begun(drafts, shop.ctx(), "Mine", Change(path, {"en": "Called"}), CITY)
    shop.publish("entities: {customer: {fields: {name: {label: {en: Title}}}}}")

    with pytest.raises(DraftUndecided):
        drafts.publish(shop.ctx(), mine, over=2)
    (question,) = drafts.questions(shop.ctx(), mine)
    settled = drafts.decide(shop.ctx(), mine, {question.path: "theirs"})

    assert question.path == (*path, "en")
    assert (question.theirs, question.ours) == ("Title", "Called")
    assert settled.questions == ()
    drafts.publish(shop.ctx(), mine, over=2)
    assert shop.ctx().model.entities["customer"].fields["name"].label.text("en") == "Title"
    assert "city" in _names(shop)


def test_a_publish_that_was_looked_at_over_another_revision_loses_nothing(
    shop: Any, drafts: Drafts
) -> None:
    mine = _begun(drafts, shop.ctx(), "Mine", CITY)
    shop.publish("entities: {customer: {fields: {since: {type: date}}}}")

    with pytest.raises(ModelChanged):
        drafts.publish(shop.ctx(), mine, over=1)

    assert "city" in drafts.open(shop.ctx(), mine).layer


def test_an_edit_that_would_break_the_app_is_refused_with_every_place(
    shop: Any, drafts: Drafts
) -> None:
    name = drafts.create(shop.ctx(), "Mine").name
    before = drafts.open(shop.ctx(), name)

    with pytest.raises(DefinitionInvalid) as refused:
        drafts.edit(shop.ctx(), name, [Retire(("entities", "invoice_line", "fields", "amount"))])

    places = {problem.place.path for problem in refused.value.problems}
    assert ("entities", "invoice", "fields", "total", "formula") in places
    assert drafts.open(shop.ctx(), name) == before


SCREENS = """
entities:
  customer:
    forms:
      short: {sections: {main: {items: {name: {}, note: {}}}}}
    views:
      mine: {label: Mine, columns: {name: {}, note: {}, level: {}}, sort: [note, name]}
  invoice:
    views:
      theirs: {label: Theirs, columns: {code: {}, customer.note: {}}}
"""


def test_places_that_show_a_field_go_with_it_and_come_back(shop: Any, drafts: Drafts) -> None:
    shop.publish(SCREENS)
    name = drafts.create(shop.ctx(), "Mine").name
    before = drafts.open(shop.ctx(), name)

    drafts.edit(shop.ctx(), name, [Retire((*CUSTOMER, "note"))])

    model = drafts.compiled(shop.ctx(), name).model
    views = (
        model.entities["customer"].views["mine"],
        model.entities["invoice"].views["theirs"],
    )
    assert [[each.path.text for each in view.columns] for view in views] == [
        ["name", "level"],
        ["code"],
    ]
    assert [each.path.text for each in views[0].sort] == ["name"]
    back = drafts.edit(shop.ctx(), name, [Restore((*CUSTOMER, "note"))])
    shown = drafts.compiled(shop.ctx(), name).model.entities["customer"].views["mine"]
    assert [each.path.text for each in shown.columns] == ["name", "note", "level"]
    assert before.layer != "" and back.undoable


def test_two_edits_of_one_version_do_not_both_count(shop: Any, drafts: Drafts) -> None:
    ctx = shop.ctx()
    name = drafts.create(ctx, "Mine").name

    after = drafts.edit(ctx, name, [CITY], version=1)

    assert after.version == 2
    with pytest.raises(DraftChanged):
        drafts.edit(ctx, name, [Move((*CUSTOMER, "note"), first=True)], version=1)
    assert drafts.edit(ctx, name, [Move((*CUSTOMER, "note"), first=True)]).version == 3


def test_edits_are_taken_back_one_by_one(shop: Any, drafts: Drafts) -> None:
    ctx = shop.ctx()
    name = _begun(drafts, ctx, "Mine", CITY)
    drafts.edit(ctx, name, [Rename((*CUSTOMER, "city"), "town")])

    once = drafts.undo(ctx, name)

    assert "city" in once.layer and "town" not in once.layer
    twice = drafts.undo(ctx, name)
    assert (twice.layer.strip(), twice.undoable) == ("", False)
    with pytest.raises(NothingToUndo):
        drafts.undo(ctx, name)


def test_a_text_is_merged_into_a_draft_or_becomes_all_of_it(shop: Any, drafts: Drafts) -> None:
    ctx = shop.ctx()
    name = _begun(drafts, ctx, "Mine", CITY)

    merged = drafts.merge(ctx, name, "entities: {customer: {fields: {since: {type: date}}}}")
    whole = drafts.put(ctx, name, "entities: {customer: {fields: {until: {type: date}}}}")

    assert "city" in merged.layer and "since" in merged.layer
    assert "until" in whole.layer and "city" not in whole.layer
    with pytest.raises(DefinitionInvalid):
        drafts.put(ctx, name, "entities: {customer: {fields: {until: {type: nothing}}}}")


def test_the_model_of_a_draft_is_there_to_look_at(shop: Any, drafts: Drafts) -> None:
    name = _begun(drafts, shop.ctx(), "Mine", CITY)

    assert "city" in drafts.compiled(shop.ctx(), name).model.entities["customer"].fields


def test_only_who_administers_has_drafts(shop: Any, drafts: Drafts) -> None:
    ctx = shop.ctx()
    clerk = replace(ctx, actor=replace(ctx.actor, roles=("clerk",)))

    for work in (drafts.list, lambda c: drafts.create(c, "x"), lambda c: drafts.open(c, "x")):
        with pytest.raises(Forbidden):
            work(clerk)


def test_a_discarded_draft_is_gone(shop: Any, drafts: Drafts) -> None:
    name = drafts.create(shop.ctx(), "Mine").name

    drafts.discard(shop.ctx(), name)

    for work in (drafts.open, drafts.discard):
        with pytest.raises(NotFound):
            work(shop.ctx(), name)


def test_an_answer_that_nobody_asked_for_is_refused(shop: Any, drafts: Drafts) -> None:
    path = (*CUSTOMER, "name", "help")
    mine = _begun(drafts, shop.ctx(), "Mine", Change(path, "mine"))
    shop.publish("entities: {customer: {fields: {name: {help: theirs}}}}")

    with pytest.raises(RecordRefused) as refused:
        drafts.decide(shop.ctx(), mine, {path: "both", (*CUSTOMER, "nothing"): "ours"})

    places = [error.path for error in refused.value.errors]
    assert places == [("answers", 0, "answer"), ("answers", 1, "path")]
    assert len(drafts.questions(shop.ctx(), mine)) == 1


def test_edits_of_several_at_once_all_count(shop: Any, drafts: Drafts) -> None:
    ctx = shop.ctx()
    name = drafts.create(ctx, "Ours").name

    with ThreadPoolExecutor(3) as people:
        edits = [Add(CUSTOMER, f"f{n}", {"type": "text"}) for n in range(3)]
        list(people.map(lambda edit: drafts.edit(ctx, name, [edit]), edits))

    draft = drafts.open(ctx, name)
    assert draft.version == 4
    assert all(f"f{n}:" in draft.layer for n in range(3))


def test_what_is_edited_while_a_draft_is_published_is_not_lost(shop: Any, drafts: Drafts) -> None:
    name = _begun(drafts, shop.ctx(), "Mine", CITY)
    late = Add(CUSTOMER, "street", {"type": "text"})
    ctx = shop.ctx()

    drafts.publish(ctx, name, over=1, progress=Once(lambda: drafts.edit(ctx, name, [late])))

    assert "city" in _names(shop)
    assert "street" in drafts.open(shop.ctx(), name).layer


class Once:
    """Does something when a publish tells of its first step."""

    def __init__(self, work: Callable[[], object]) -> None:
        self._work = work
        self._done = False

    def __call__(self, mark: object) -> None:
        if not self._done:
            self._done = True
            self._work()
