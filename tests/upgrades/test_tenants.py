"""P-38: a tenant with records goes to a newer version of its template, or stays where it is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from boot.upgrading import standing_on, upgrade_all, upgrades
from boot.wiring import House
from engine.context import Cause, Context
from engine.doors import Edit
from engine.errors import DraftUndecided, ScenariosRed
from engine.schema.revisions import Author, Document
from engine.tenants.reshape import OWN, with_pack, without_pack
from engine.upgrading import Rules, Wanted
from metamodel.dump import dump
from tests.upgrades.conftest import Make
from tests.upgrades.crm import first, layer_of, merged, second
from tests.upgrades.customised import customised

ONE = Document(
    "shop.yaml",
    """
format: 1
app: {name: shop, label: Shop, version: "1", languages: [en]}
entities:
  note:
    label: Note
    title: name
    fields:
      name: {type: text, required: true}
      stars: {type: integer}
      mood: {type: choice, options: {bad: {label: Bad}, well: {label: Well}}}
      old: {type: text}
      twice: {type: integer, formula: "stars * 2"}
""",
)
TWO = Document(
    "shop.yaml",
    """
format: 1
app: {name: shop, label: Shop, version: "2", languages: [en]}
entities:
  note:
    label: Note
    title: name
    fields:
      name: {type: text, required: true}
      points: {type: integer, renamed_from: stars}
      mood: {type: choice, options: {bad: {label: Bad}, good: {label: Good, renamed_from: well}}}
      twice: {type: integer, formula: "points * 2 + 1"}
scenarios:
  short:
    label: A note needs a name alone
    today: 2026-03-02
    as: [administrator]
    steps: {note: {create: note, set: {name: A, points: 2}, expect: {note: {twice: 5}}}}
""",
)
PACK = Document("shelves.yaml", """
format: 1
app: {name: shelves, label: Shelves, extends: shop, kind: pack}
entities:
  shelf: {label: Shelf, title: name, fields: {name: {type: text}}}
  note: {fields: {shelf: {type: link, to: shelf, inverse: notes}}}
""")  # fmt: skip
KEEPS_OLD = "entities: {note: {rules: {why: {refuse_when: 'old == \"x\"', message: No.}}}}"


def test_values_stay_under_new_names_and_computed_ones_follow_the_new_formula(
    furnished: House, make: Make
) -> None:
    ctx = make(ONE, own="entities: {note: {fields: {mine: {type: text}}}}")
    note = _create(furnished, ctx, name="A", stars=3, mood="well", old="kept", mine="own")

    refused = upgrades(furnished).run(ctx, Wanted((TWO,)))
    outcome = upgrades(furnished).run(ctx, Wanted((TWO,), allow_loss=True))

    assert (refused.result, refused.error) == ("refused", "data_loss")
    assert (outcome.result, outcome.before, outcome.after) == ("upgraded", "1", "2")
    now = _again(furnished, ctx)
    values = furnished.reader.get(now, "note", [note])[0].values
    fields = {each.name: key for key, each in now.model.entities["note"].fields.items()}
    read = {name: values[fields[name]] for name in ("points", "mood", "twice", "mine")}
    # Rows hold the keys of options, which a rename leaves as they are.
    assert read == {"points": 3, "mood": "well", "twice": 7, "mine": "own"}
    assert now.model.entities["note"].fields["mood"].options["well"].name == "good"
    assert "old" not in fields

    back = furnished.publisher.documents(ctx.tenant, 1)
    _publish(furnished, ctx, back)
    before = furnished.reader.get(_again(furnished, ctx), "note", [note])[0].values
    assert (before["old"], before["stars"], before["twice"]) == ("kept", 3, 6)


def test_open_questions_are_kept_as_a_draft_that_stands_on_the_new_version(
    furnished: House, make: Make
) -> None:
    """What the new version took away and the tenant needs is asked about, and kept if so."""
    ctx = make(ONE, own=KEEPS_OLD)

    outcome = upgrades(furnished).run(ctx, Wanted((TWO,)))

    assert (outcome.result, outcome.draft) == ("asked", "upgrade_2")
    assert [(each.kind, each.path[-1]) for each in outcome.questions] == [("needed", "old")]
    drafts, now = furnished.services.drafts, _again(furnished, ctx)
    assert now.revision == 1
    with pytest.raises(DraftUndecided):
        drafts.publish(now, "upgrade_2", over=1)
    drafts.decide(now, "upgrade_2", {each.path: "ours" for each in outcome.questions})
    assert drafts.publish(now, "upgrade_2", over=1) == 2
    model = _again(furnished, ctx).model
    assert model.app.version == "2"
    assert model.entities["note"].field_named("old") is not None


def test_what_was_decided_stays_when_the_upgrade_is_run_again(furnished: House, make: Make) -> None:
    ctx = make(ONE, own=KEEPS_OLD)
    first = upgrades(furnished).run(ctx, Wanted((TWO,)))
    answers = {each.path: "ours" for each in first.questions}
    decided = furnished.services.drafts.decide(ctx, first.draft, answers)  # type: ignore[arg-type]

    again = upgrades(furnished).run(ctx, Wanted((TWO,)))

    assert (again.result, again.draft, again.questions) == ("asked", first.draft, ())
    assert furnished.services.drafts.open(ctx, first.draft) == decided


def test_a_pack_is_upgraded_by_its_own_version(furnished: House, make: Make) -> None:
    ctx = make(ONE)
    older, newer = (
        Document(
            PACK.name, PACK.text.replace("label: Shelves", f'version: "{v}", label: Shelves {v}')
        )
        for v in ("0.1", "0.2")
    )
    _publish(furnished, ctx, with_pack(furnished.publisher.documents(ctx.tenant), older))

    outcome = upgrades(furnished).run(_again(furnished, ctx), Wanted((newer,)))

    assert (outcome.result, outcome.before, outcome.after) == ("upgraded", "0.1", "0.2")
    assert furnished.publisher.revisions(ctx.tenant)[0].message == "shelves 0.1 → 0.2"
    assert furnished.registry.get(ctx.tenant.name).template_version == "1"


def test_a_tenant_whose_tables_are_gone_stops_no_other(furnished: House, make: Make) -> None:
    broken, sound = make(ONE), make(ONE)
    with furnished.database.owner(broken.tenant) as connection:
        connection.execute(text(f'DROP SCHEMA "{broken.tenant.schema}" CASCADE'))

    names = standing_on(furnished, (TWO,))
    outcomes = {e.tenant: e for e in upgrade_all(furnished, names, Wanted((TWO,), allow_loss=True))}

    assert outcomes[broken.tenant.name].result == "failed"
    assert outcomes[sound.tenant.name].result == "upgraded"


def test_rules_answer_beforehand_and_what_is_given_up_takes_along_what_needs_it(
    furnished: House, make: Make
) -> None:
    ctx = make(ONE, own=KEEPS_OLD)

    outcome = upgrades(furnished).run(
        ctx, Wanted((TWO,), rules=Rules(kinds={"needed": "theirs"}, proposals=True))
    )

    assert outcome.result == "upgraded", outcome
    entity = _again(furnished, ctx).model.entities["note"]
    assert (entity.field_named("old"), dict(entity.rules)) == (None, {})
    own = furnished.publisher.documents(ctx.tenant)[-1].text
    assert "$retire: true" in own, "the tenant's rule is set aside, not forgotten"


def test_a_red_scenario_leaves_the_tenant_where_it_was_and_only_a_new_one_counts(
    furnished: House, make: Make
) -> None:
    own = "entities: {note: {rules: {rated: {refuse_when: 'stars < 3', message: Low.}}}}"
    ctx = make(ONE, own=own)

    outcome = upgrades(furnished).run(ctx, Wanted((TWO,)))

    assert (outcome.result, outcome.red) == ("red", ("short",))
    assert _again(furnished, ctx).model.app.version == "1"
    despite = upgrades(furnished).run(ctx, Wanted((TWO,), despite_red=True))
    assert (despite.result, despite.red) == ("upgraded", ("short",))
    layer = Document(OWN, f"{own}\nsettings: {{most: {{type: integer, default: 1, label: M}}}}")
    below = furnished.publisher.documents(ctx.tenant)[:-1]
    proposal = furnished.publisher.propose(ctx.tenant, (*below, layer))
    rehearsal = upgrades(furnished).rehearsal
    assert not rehearsal.require(ctx.tenant, proposal).red


def test_a_change_that_breaks_a_scenario_is_stopped_unless_overruled(
    furnished: House, make: Make
) -> None:
    ctx = make(TWO)
    rehearsal = upgrades(furnished).rehearsal
    wrong = "entities: {note: {fields: {twice: {formula: points * 3}}}}"
    proposal = furnished.publisher.propose(ctx.tenant, (TWO, Document(OWN, wrong)))

    with pytest.raises(ScenariosRed) as refused:
        rehearsal.require(ctx.tenant, proposal)

    assert refused.value.params["scenarios"] == ["short"]
    assert rehearsal.require(ctx.tenant, proposal, despite=True).red == ("short",)
    looks = "entities: {note: {label: Card, fields: {due: {type: date}}}}"
    harmless = furnished.publisher.propose(ctx.tenant, (TWO, Document(OWN, looks)))
    assert rehearsal.play(ctx.tenant, harmless) == ()


def test_a_pack_comes_and_goes_with_its_data(furnished: House, make: Make) -> None:
    ctx = make(ONE)
    documents = furnished.publisher.documents(ctx.tenant)
    _publish(furnished, ctx, with_pack(documents, PACK))
    now = _again(furnished, ctx)
    shelf = _create(furnished, now, entity="shelf", name="Top")
    note = _create(furnished, now, name="A", shelf=str(shelf))

    _publish(furnished, ctx, without_pack(furnished.publisher.documents(ctx.tenant), "shelves"))
    without = _again(furnished, ctx)
    assert "shelf" not in without.model.entities
    furnished.writer.update(without, "note", [Edit(note, {"name": "B"})])
    _publish(furnished, ctx, with_pack(furnished.publisher.documents(ctx.tenant), PACK))

    values = furnished.reader.get(_again(furnished, ctx), "note", [note])[0].values
    assert (values["name"], values["shelf"].title) == ("B", "Top")  # type: ignore[attr-defined]


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(3))
def test_customised_tenants_of_the_crm_keep_their_tables_true(
    furnished: House, make: Make, seed: int
) -> None:
    layer, _ = customised(merged(layer_of(first())), 2000 + seed, 20)
    ctx = make(first(), own=dump(layer))

    outcome = upgrades(furnished).run(
        ctx, Wanted((second(),), rules=Rules(proposals=True), despite_red=True, allow_loss=True)
    )

    assert outcome.result == "upgraded", outcome
    assert _again(furnished, ctx).model.app.version == "2.0.0"


def _create(furnished: House, ctx: Context, *, entity: str = "note", **values: Any) -> UUID:
    return furnished.writer.create(ctx, entity, [values]).ids[0]


def _again(furnished: House, ctx: Context) -> Context:
    """Return the context on the model that serves now."""
    return furnished.contexts.system(ctx.tenant.name, cause=Cause("cli"))


def _publish(furnished: House, ctx: Context, documents: Any) -> None:
    proposal = furnished.publisher.propose(ctx.tenant, documents)
    furnished.publisher.publish(ctx.tenant, proposal, author=Author("Tester"), allow_loss=True)
