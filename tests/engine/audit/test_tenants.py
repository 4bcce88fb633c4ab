"""What becomes of tenants is told in the installation's audit log (A-10)."""

from __future__ import annotations

from uuid import uuid4

from sqlalchemy import text

from engine.database import Database
from engine.tenants.registry import TenantRegistry
from tests.conftest import Installation


def told(database: Database, name: str) -> list[dict[str, object]]:
    asked = text("SELECT detail FROM joinery.audit WHERE tenant = :name ORDER BY id")
    with database.auditing() as connection:
        return list(connection.execute(asked, {"name": name}).scalars())


def test_making_archiving_renaming_and_striking_out_are_told(installation: Installation) -> None:
    registry = TenantRegistry(installation.database)
    name, other = f"told{uuid4().hex[:8]}", f"other{uuid4().hex[:8]}"

    registry.add(name, label="Told", language="en", template="crm")
    registry.set_state(name, "archived")
    registry.set_builtin(name, "digest")
    registry.rename(name, other)
    registry.remove(other)

    made, archived, renamed = told(installation.database, name)
    assert (made["label"], made["state"]) == ("Told", "making")
    assert archived["state"] == "archived"
    assert renamed == {"name": other}
    assert told(installation.database, other) == [{"state": "gone"}]
