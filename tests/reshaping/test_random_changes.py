"""Whatever is published in whatever order: tables match the model, and nothing is ever lost.

Requirements P-03, P-04, P-30, P-38. Random models, data and changes on real tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.access.policy import Policy
from engine.doors import Edit
from engine.errors import PlanBlocked
from engine.records.writer import Records
from engine.schema.live import read_live
from engine.schema.revisions import Author, Document
from engine.schema.structure import canonical_type, holds
from engine.values.parts import held
from metamodel import DefinitionInvalid
from tests.budget import examples
from tests.reshaping.models import BASE, changed, layer, value

Values = Mapping[tuple[UUID, str], object]
"""What fields hold, by record and the field's key."""


@dataclass(slots=True)
class Walk:
    """One tenant on its way: its own layer, what its records held, and what people touched since.

    `left` is what records held when a revision was left, `touched` what was written under
    each revision.
    """

    shop: Any
    dice: Random
    state: dict[str, Any] = field(default_factory=dict)
    cities: tuple[str, ...] = ()
    ids: list[UUID] = field(default_factory=list)
    left: dict[int, Values] = field(default_factory=dict)
    touched: dict[int, set[tuple[UUID, str]]] = field(default_factory=dict)

    @property
    def writer(self) -> Records:
        """The door to writing."""
        return Records(self.shop.database, Policy(self.shop.database))

    def begin(self) -> None:
        """Make some cities."""
        rows = [{"name": name, "code": name[:1]} for name in ("Jena", "Gera", "Fulda")]
        made = self.writer.create(self.shop.ctx(), "city", rows)
        self.cities = tuple(str(each) for each in made.ids)

    def enter(self, count: int = 4) -> None:
        """Create some customers, and change some."""
        ctx = self.shop.ctx()
        rows = [{"name": f"c{len(self.ids) + at}", **self._values()} for at in range(count)]
        made = self.writer.create(ctx, "customer", rows).ids[:count]
        keys = {key for key, _ in self._fields()}
        self._touch((each, key) for each in made for key in keys)
        self.ids += made
        for record in self.dice.sample(self.ids, min(2, len(self.ids))):
            chosen = self._values()
            self.writer.update(ctx, "customer", [Edit(record, chosen)])
            names = {each.name: key for key, each in self._fields()}
            self._touch((record, names[name]) for name in chosen)

    def _touch(self, places: Any) -> None:
        self.touched.setdefault(self.shop.ctx().revision, set()).update(places)

    def _fields(self) -> list[tuple[str, Any]]:
        """Return the fields that people fill, by key."""
        entity = self.shop.ctx().model.entities["customer"]
        return [
            (key, each)
            for key, each in entity.fields.items()
            if not (each.retired or each.builtin or each.formula) and key != "name"
        ]

    def _values(self) -> dict[str, object]:
        chosen: dict[str, object] = {}
        for _, each in self._fields():
            live = [option.name for option in each.options.values() if option.active]
            if self.dice.random() < 0.3:
                continue
            if each.type == "choice":
                chosen[each.name] = self.dice.choice(live)
            elif each.type == "multi_choice":
                chosen[each.name] = self.dice.sample(live, self.dice.randint(1, len(live)))
            else:
                chosen[each.name] = value(each.type, self.dice, self.cities)
        return chosen

    def held(self) -> Values:
        """Return what all fields that people fill hold now."""
        ctx = self.shop.ctx()
        table = ctx.compiled.tables.of("customer")
        found: dict[tuple[UUID, str], object] = {}
        with self.shop.database.reading(ctx) as connection:
            rows = connection.execute(table.select()).mappings().all()
            for key, each in self._fields():
                if each.column:
                    found |= {(row["id"], key): held(each, row[each.column]) for row in rows}
                    continue
                pairs = ctx.compiled.tables.of(each.link.through)
                members = connection.execute(pairs.select()).mappings().all()
                for row in rows:
                    mine = {pair["member"] for pair in members if pair["holder"] == row["id"]}
                    found[row["id"], key] = frozenset(mine)
        return found

    def publish(self, documents: tuple[Document, ...]) -> bool:
        """Publish documents and hold the plan against what happened; False: nothing is new."""
        before = self.held()
        try:
            proposal = self.shop.publisher.propose(self.shop.tenant, documents)
            revision = self.shop.ctx().revision
            self.shop.publisher.publish(
                self.shop.tenant, proposal, author=Author("Walk"), allow_loss=True
            )
        except (DefinitionInvalid, PlanBlocked):
            return False
        if self.shop.ctx().revision == revision:
            assert proposal.plan.steps == ()
            return False
        self.left[revision] = before
        matches_the_catalogue(self.shop)
        counts_what_happened(self, proposal.plan, before)
        return True

    def untouched(self, since: int) -> Values:
        """Return what records held when a revision was left, where nobody wrote since."""
        later = {
            place for number, places in self.touched.items() if number > since for place in places
        }
        return {place: each for place, each in self.left[since].items() if place not in later}


def matches_the_catalogue(shop: Any) -> None:
    """Assert that tables, columns, constraints and indexes are those of the model."""
    tables = shop.ctx().compiled.tables
    with shop.database.owner(shop.tenant) as connection:
        live = read_live(connection, shop.tenant)
    for table in tables.by_entity.values():
        there = live[table.name]
        for column in table.columns:
            assert holds(there.columns[column.name], canonical_type(column)), column
        assert {str(each.name) for each in table.indexes} == set(there.indexes)
        ours = {str(each.name) for each in table.constraints}
        assert ours == {name for name, valid in there.constraints.items() if valid}
        assert ours == set(there.constraints)


def counts_what_happened(walk: Walk, plan: Any, before: Values) -> None:
    """Assert that what a plan said of records is what became of them."""
    now = walk.held()
    said = {
        code: sum(each.rows for each in plan.effects if each.code == code)
        for code in (*MOVES["stage"], *MOVES["option"], "not_converted")
    }
    told = moves_told(walk)
    phase = {place for place in before if place[1] == "phase" and now.get(place) != before[place]}
    assert phase <= {place for place in told if place[1] == "phase"}
    for kind, codes in MOVES.items():
        entries = sum(n for (_, key), n in told.items() if (key == "phase") == (kind == "stage"))
        assert sum(said[code] for code in codes) == entries, kind
    ctx = walk.shop.ctx()
    with walk.shop.database.owner(walk.shop.tenant) as connection:
        kept = connection.exec_driver_sql(
            f"SELECT count(*) FROM {ctx.tenant.schema}.sys_kept k "
            f"JOIN {ctx.tenant.schema}.sys_conversion c ON c.id = k.conversion "
            f"WHERE c.revision = {ctx.revision}"
        ).scalar()
    assert said["not_converted"] == kept


MOVES = {kind: (f"{kind}_moves", f"{kind}_returns") for kind in ("stage", "option")}
"""Effects that say how many records a publish moves among stages, and among options."""


def moves_told(walk: Walk) -> Mapping[tuple[UUID, str], int]:
    """Return how often the last publish moved each record, by the field's key, as it is told."""
    schema, revision = walk.shop.tenant.schema, walk.shop.ctx().revision
    with walk.shop.database.owner(walk.shop.tenant) as connection:
        rows = connection.exec_driver_sql(
            f"SELECT c.record, k, count(*) FROM {schema}.sys_change c "
            f"JOIN {schema}.sys_change_set s ON s.id = c.change_set, jsonb_object_keys(c.before) k "
            f"WHERE s.door = 'publish' AND s.revision = {revision} GROUP BY 1, 2"
        )
        return {(record, key): number for record, key, number in rows}


def walked(shop: Any, dice: Random, steps: int) -> Walk:
    """Change a tenant at random, with people writing in between; go back and forth now and then."""
    walk = Walk(shop, dice)
    walk.begin()
    walk.enter()
    for number in range(steps):
        state = changed(walk.state, dice, number)
        published = walk.publish(shop.layered(layer(state)))
        if not published:
            continue
        former, walk.state = walk.state, state
        if dice.random() < 0.3:
            back_at_once(walk, layer(former))
        walk.enter(2)
    return walk


def back_at_once(walk: Walk, former: str) -> None:
    """Go back at once, and forth again: not one value may differ."""
    shop = walk.shop
    last = max(walk.left)
    here = walk.held()
    forth = shop.publisher.documents(shop.tenant)
    assert walk.publish(shop.layered(former))
    assert walk.held() == walk.left[last]
    assert walk.publish(forth)
    assert walk.held() == here


@settings(
    max_examples=examples(4),
    deadline=None,
    # Each example makes a tenant of its own.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(dice=st.randoms(use_true_random=False))
def test_no_change_loses_a_value_and_going_back_restores_all_that_nobody_wrote_since(
    make_shop: Any, dice: Random
) -> None:
    walk = walked(make_shop(BASE), dice, 6)
    target = dice.choice(sorted(walk.left) or [1])
    expected = walk.untouched(target) if walk.left else {}

    went = walk.publish(walk.shop.publisher.documents(walk.shop.tenant, target))

    if went:
        now = walk.held()
        differing = {place: (each, now.get(place)) for place, each in expected.items()
                     if now.get(place) != each}  # fmt: skip
        assert differing == {}
    assert {place[0] for place in walk.held()} >= set(walk.ids) or not walk.held()
