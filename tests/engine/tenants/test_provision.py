"""Tenants made and taken away: a role and a schema each, and walls between them."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import ProgrammingError

from engine.audit.log import AuditLog
from engine.context import Cause, Context
from engine.database import Database
from engine.errors import NotFound
from engine.schema.revisions import Document
from engine.store import ModelStore
from engine.tenants.accounts import Accounts
from engine.tenants.contexts import Contexts
from engine.tenants.errors import TenantExists, TenantUnknown
from engine.tenants.people import SYSTEM_USER
from engine.tenants.provision import NewTenant, Provisioning
from engine.tenants.registry import TenantRegistry
from metamodel.problems import DefinitionInvalid
from tests.conftest import Installation, TenantMaker

APP = """
format: 1
app: {name: tiny, label: Tiny, version: "1", timezone: Asia/Tokyo}
entities:
  note:
    label: Note
    title: name
    fields:
      name: {type: text, required: true}
"""


def schemas(database: Database, like: str) -> list[str]:
    with database.registry() as connection:
        query = text("SELECT nspname FROM pg_namespace WHERE nspname LIKE :like")
        return list(connection.execute(query, {"like": like}).scalars())


def provisioning(installation: Installation) -> Provisioning:
    database = installation.database
    return Provisioning(database, ModelStore(database), TenantRegistry(database))


def add_user(database: Database, ctx: Context, **values: object) -> UUID:
    fields = ctx.model.entities["user"].fields
    columns = {fields[key].column: value for key, value in values.items()}
    made = uuid4()
    with database.owner(ctx.tenant) as connection:
        table = ctx.compiled.tables.of("user")
        connection.execute(insert(table).values(id=made, **columns))
    return made


def test_a_new_tenant_has_a_schema_a_role_and_its_tables(
    installation: Installation, tenant_of: TenantMaker
) -> None:
    ctx = tenant_of(APP)

    table = ctx.compiled.tables.of("note")
    with installation.database.reading(ctx) as connection:
        assert connection.execute(select(table)).all() == []
        assert connection.execute(text("SELECT current_user")).scalar() == ctx.tenant.role
    assert TenantRegistry(installation.database).get(ctx.tenant.name).state == "live"


def test_a_tenants_role_reaches_neither_another_tenant_nor_the_registry(
    installation: Installation, tenant_of: TenantMaker
) -> None:
    mine, other = tenant_of(APP), tenant_of(APP)
    for place in (f"{other.tenant.schema}.note", "joinery.account", "joinery.procrastinate_jobs"):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            installation.database.reading(mine) as connection,
        ):
            connection.execute(text(f"SELECT * FROM {place}"))


def test_the_application_reads_no_tenant_without_taking_its_role(
    installation: Installation, tenant_of: TenantMaker
) -> None:
    ctx = tenant_of(APP)
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        installation.database.registry() as connection,
    ):
        connection.execute(text(f"SELECT * FROM {ctx.tenant.schema}.note"))


def test_a_deleted_tenant_leaves_no_schema_no_role_and_no_entry(
    installation: Installation, tenant_of: TenantMaker
) -> None:
    tenant = tenant_of(APP).tenant

    provisioning(installation).delete(tenant.name)

    assert schemas(installation.database, tenant.schema) == []
    with installation.database.registry() as connection:
        role = text("SELECT 1 FROM pg_roles WHERE rolname = :role")
        assert connection.execute(role, {"role": tenant.role}).first() is None
    with pytest.raises(TenantUnknown):
        TenantRegistry(installation.database).get(tenant.name)


def test_a_template_that_cannot_be_loaded_leaves_nothing(installation: Installation) -> None:
    name = f"t{uuid4().hex[:12]}"
    broken = (Document("app.yaml", APP + "      title: {tpye: text}\n"), Document("tenant", ""))

    with pytest.raises(DefinitionInvalid):
        provisioning(installation).create(NewTenant(name, broken), author="tests")

    assert schemas(installation.database, f"t_{name}%") == []
    with pytest.raises(TenantUnknown):
        TenantRegistry(installation.database).get(name)


def test_a_name_that_is_taken_leaves_its_tenant_alone(
    installation: Installation, tenant_of: TenantMaker
) -> None:
    ctx = tenant_of(APP)
    documents = (Document("app.yaml", APP), Document("tenant", ""))

    with pytest.raises(TenantExists):
        provisioning(installation).create(NewTenant(ctx.tenant.name, documents), author="tests")

    assert schemas(installation.database, ctx.tenant.schema) == [ctx.tenant.schema]


def test_the_system_is_a_user_of_every_tenant(
    installation: Installation, tenant_of: TenantMaker
) -> None:
    ctx = tenant_of(APP)
    contexts = Contexts(
        installation.database, ModelStore(installation.database), AuditLog(installation.database)
    )

    system = contexts.system(ctx.tenant.name, cause=Cause("cli"))

    assert system.actor.user == SYSTEM_USER
    assert system.moment.zone == "Asia/Tokyo"
    with installation.database.reading(ctx) as connection:
        users = connection.execute(select(ctx.compiled.tables.of("user").c.id)).scalars().all()
    assert users == [SYSTEM_USER]


def test_a_members_context_has_their_roles_departments_and_teams(
    installation: Installation, tenant_of: TenantMaker
) -> None:
    ctx, database = tenant_of(APP), installation.database
    east, city, west = (uuid4() for _ in range(3))
    tables, parent = ctx.compiled.tables, ctx.model.entities["department"].fields["parent"].column
    with database.owner(ctx.tenant) as connection:
        for id_, above in ((east, None), (city, east), (west, None)):
            row = {"id": id_, parent: above}
            connection.execute(insert(tables.of("department")).values(row))
    user = add_user(
        database, ctx, name="王芳", roles=["sales", "finance"], department=east, active=True
    )
    account = Accounts(database).create(f"{uuid4().hex}@example.com")
    Accounts(database).join(account.id, ctx.tenant.name, user=user)

    made = Contexts(database, ModelStore(database), AuditLog(database)).make(
        ctx.tenant.name, account.id, language="zh", cause=Cause("form")
    )

    assert made.actor.name == "王芳"
    assert made.actor.roles == ("sales", "finance")
    assert made.actor.department == east
    assert set(made.actor.departments) == {east, city}
    assert made.actor.teams == ()
    assert made.language == "zh"


def test_a_tenant_is_not_found_by_who_is_no_active_member(
    installation: Installation, tenant_of: TenantMaker
) -> None:
    ctx, database = tenant_of(APP), installation.database
    contexts = Contexts(database, ModelStore(database), AuditLog(database))
    accounts = Accounts(database)
    stranger = accounts.create(f"{uuid4().hex}@example.com").id
    former = accounts.create(f"{uuid4().hex}@example.com").id
    accounts.join(former, ctx.tenant.name, user=add_user(database, ctx, active=False))

    for account in (stranger, former):
        with pytest.raises(NotFound):
            contexts.make(ctx.tenant.name, account, language="en", cause=Cause("form"))
