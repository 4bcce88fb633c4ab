"""Many tenants of one app share its model, and leave no more connections than are allowed."""

from __future__ import annotations

from random import Random
from uuid import uuid4

from sqlalchemy import text

from engine.connections import Limits
from engine.schema.revisions import Document
from engine.tenants.provision import NewTenant
from tests.engine.transfer.conftest import Estate, Estates

MANY = 30

APP = """
format: 1
app: {name: many, label: Many, version: "1.0", languages: [en]}
entities:
  thing: {label: Thing, title: name, fields: {name: {type: text}}}
"""


def test_many_tenants_on_several_databases_are_opened_on_one_model_and_few_connections(
    estate: Estate, estates: Estates
) -> None:
    stem = f"many{uuid4().hex[:6]}"
    documents = (Document("many", APP), Document("tenant", ""))
    names = [f"{stem}-{number}" for number in range(MANY)]
    for number, name in enumerate(names):
        place = "two" if number % 2 else "default"
        estate.provisioning.create(NewTenant(name, documents, database=place), author="Tester")
    fresh = estates.build(Limits(size=2, overflow=2, idle=3, tenants=5))

    models = set()
    for name in Random(3).sample(names, MANY):
        ctx = fresh.system(name)
        models.add(id(ctx.compiled.model))
        with fresh.database.reading(ctx) as connection:
            table = ctx.compiled.tables.of("thing")
            assert connection.execute(table.select()).all() == []
            where = connection.execute(text("SELECT current_database()")).scalar_one()
        assert where.endswith("_two") == (ctx.tenant.database == "two")

    held = fresh.database.held()
    assert len(models) == 1
    assert held.open <= 3
    assert held.closed >= MANY // 5 - 2
    fresh.database.close()
    for name in names:
        estate.provisioning.delete(name)
