"""A newer version of what a tenant stands on, taken as a draft over the API and on the screen.

Requirements P-38, P-28.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from boot.catalogue import ComingAlong
from boot.wiring import House
from engine.changes import Change
from engine.context import Cause, Context
from engine.doors import Payload, Writer
from engine.errors import Unavailable
from engine.schema.revisions import Document
from engine.tenants.starters import Planting
from tests.boot.test_upgrading import LAYERS, ONE, TWO
from tests.conftest import TenantMaker
from tests.ui.api.calling import Api, Calling
from tests.ui.conftest import Visitor, visits

CHOSEN = {"path": ["entities", "note", "label"], "answer": "ours"}

KEPT = {"path": ["entities", "note", "fields", "old"], "answer": "ours"}


@pytest.fixture
def ctx(tenant_of: TenantMaker) -> Context:
    """A tenant that stands on the first version of an app."""
    return tenant_of(ONE)


@pytest.fixture
def api(calling: Calling, ctx: Context) -> Api:
    return calling(ctx=ctx)


def comes_along(monkeypatch: pytest.MonkeyPatch, version: str, text: str) -> None:
    """Have the product bring a version of the app along."""

    def versions(_: ComingAlong) -> Mapping[str, str]:
        return {"shop": version}

    def documents(_: ComingAlong, name: str) -> tuple[Document, ...]:
        return (Document(f"{name}.yaml", text),)

    monkeypatch.setattr(ComingAlong, "versions", versions)
    monkeypatch.setattr(ComingAlong, "documents", documents)


@pytest.fixture(autouse=True)
def _two(monkeypatch: pytest.MonkeyPatch) -> None:
    comes_along(monkeypatch, "2", TWO)


def test_what_the_new_version_brings_is_looked_at_as_a_draft_and_published(
    serving: House, api: Api, ctx: Context
) -> None:
    assert api.get("/template")["data"] == [
        {"name": "shop", "label": "Shop", "version": "1", "available": "2"}
    ]

    begun = api.call("POST", "/template/upgrade", {})

    assert (begun.status_code, begun.json["questions"]) == (201, []), begun.text
    name = begun.json["name"]
    plan = api.call("POST", f"/drafts/{name}/plan").json
    assert {"entities", "note", "fields", "due"} <= {
        part for change in plan["changes"] for part in change["path"]
    }
    assert api.call("POST", f"/drafts/{name}/publish", {}).json == {"revision": 2}
    assert api.get("/template")["data"][0]["version"] == "2"
    assert serving.registry.get(ctx.tenant.name).template_version == "2"
    assert api.call("POST", "/template/upgrade", {}).status_code == 404


def test_what_both_sides_changed_is_decided_before_it_is_published(
    serving: House, api: Api, ctx: Context
) -> None:
    layer = {"entities": {"note": {"label": "Card", "fields": {"old": {"label": "Kept"}}}}}
    assert LAYERS["meets"]
    api.call("POST", "/drafts", {"title": "Own", "layer": layer})
    api.call("POST", "/drafts/own/publish", {})

    name = api.call("POST", "/template/upgrade", {"template": "shop"}).json["name"]
    undecided = api.call("POST", f"/drafts/{name}/publish", {})
    api.call("POST", f"/drafts/{name}/decide", {"answers": [CHOSEN, KEPT]})
    again = api.call("POST", "/template/upgrade", {}).json
    done = api.call("POST", f"/drafts/{name}/publish", {})

    assert undecided.json["code"] == "draft_undecided"
    assert (again["name"], again["questions"]) == (name, [])
    assert done.json == {"revision": 3}, done.text
    model = serving.contexts.system(ctx.tenant.name, cause=Cause("cli")).model
    assert model.entities["note"].label.text("en") == "Card"


STARTERS = """
starter_records:
  note:
    first: {set: {name: First}}
    gone: {set: {name: Gone}}
"""

MORE = "    more: {set: {name: More}}\n"


def test_new_starter_records_come_along_and_those_that_were_deleted_do_not(
    tenant_of: TenantMaker, calling: Calling, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P-38: also where it is upgraded, taken back and upgraded again."""
    api = calling(ctx=tenant_of(ONE + STARTERS))
    comes_along(monkeypatch, "2", TWO + STARTERS + MORE)
    name = api.call("POST", "/template/upgrade", {}).json["name"]

    plan = api.call("POST", f"/drafts/{name}/plan").json
    api.call("POST", f"/drafts/{name}/publish", {})
    api.call("POST", "/revisions/1/restore", {"allow_loss": True})
    again = api.call("POST", "/template/upgrade", {}).json["name"]
    done = api.call("POST", f"/drafts/{again}/publish", {})

    told = [each for each in plan["effects"] if each["code"] == "starters_planted"]
    assert [(each["rows"], each["samples"]) for each in told] == [(1, ["More"])]
    assert done.json == {"revision": 4}, done.text
    assert [each["name"] for each in api.get("/records/note")["data"]] == ["More"]


class CutOff:
    """A writer whose process goes away before or after the first thing it writes."""

    def __init__(self, writer: Writer, *, after: bool) -> None:
        self.writer, self.after = writer, after

    def create(self, ctx: Context, entity: str, payloads: Sequence[Payload]) -> Change:
        if self.after:
            self.writer.create(ctx, entity, payloads)
        raise Unavailable(reason="cut off")


@pytest.mark.parametrize("after", [False, True], ids=["before it is written", "after"])
def test_what_a_version_brings_along_is_planted_by_whoever_takes_a_publish_up(
    tenant_of: TenantMaker,
    serving: House,
    calling: Calling,
    monkeypatch: pytest.MonkeyPatch,
    after: bool,
) -> None:
    ctx = tenant_of(ONE + STARTERS)
    api = calling(ctx=ctx)
    comes_along(monkeypatch, "2", TWO + STARTERS + MORE)
    name = api.call("POST", "/template/upgrade", {}).json["name"]
    cut_off: Any = CutOff(serving.writer, after=after)
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(serving.publisher, "_planting", Planting(cut_off))
        assert api.call("POST", f"/drafts/{name}/publish", {}).json == {"revision": 2}

    assert serving.publisher.mend(ctx.tenant) == 1
    assert serving.publisher.mend(ctx.tenant) == 0

    assert [each["name"] for each in api.get("/records/note")["data"]] == ["More"]


def test_an_older_version_is_refused(
    serving: House, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    comes_along(monkeypatch, "0.9", ONE.replace('"1"', '"0.9"'))

    refused = api.call("POST", "/template/upgrade", {})

    assert refused.status_code == 409
    assert refused.json["code"] == "older_version"


def test_a_draft_of_an_earlier_upgrade_gives_way_to_the_next(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.call("POST", "/template/upgrade", {})
    comes_along(monkeypatch, "3", TWO.replace('"2"', '"3"'))

    api.call("POST", "/template/upgrade", {})

    assert [each["name"] for each in api.get("/drafts")["data"]] == ["upgrade_3"]


def test_the_page_of_versions_offers_it_and_leads_to_what_it_does(
    serving: House, ctx: Context
) -> None:
    admin: Visitor = visits(serving, ctx)("administrator")

    page = admin.get("/admin/versions").text
    begun = admin.send("/admin/versions/upgrade", {"values": {"name": "shop"}})
    plan = admin.get("/admin/versions/next").text

    assert "version 2 is there" in page
    assert begun.json["location"].endswith("/admin/versions/next")
    assert "Due" in plan or "due" in plan
