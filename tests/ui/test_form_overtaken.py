"""Forms that are open while the app is published anew are saved, or keep what was typed (P-03)."""

from __future__ import annotations

from typing import Any

import pytest

from boot.wiring import House
from engine.schema.revisions import Author
from engine.tenants.reshape import with_layer
from tests.conftest import TenantMaker
from tests.ui.conftest import Visitor, visits

APP = """
format: 1
app: {name: desk, label: Desk, version: "1", languages: [en, zh]}
entities:
  note:
    label: Note
    title: subject
    fields:
      subject: {type: text}
      body: {type: text}
      weight: {type: text}
"""


@pytest.fixture
def visitor(serving: House, tenant_of: TenantMaker) -> Visitor:
    return visits(serving, tenant_of(APP))("administrator")


def publish(visitor: Visitor, fields: str) -> int:
    """Publish fields of notes in place of the tenant's own layer."""
    publisher, tenant = visitor.house.publisher, visitor.ctx.tenant
    layer = f"entities: {{note: {{fields: {{{fields}}}}}}}"
    proposal = publisher.propose(tenant, with_layer(publisher.documents(tenant), layer, "t"))
    done = publisher.publish(tenant, proposal, author=Author("T"), allow_loss=True)
    return done.revision


def test_a_form_whose_fields_are_still_there_is_saved(visitor: Visitor) -> None:
    publish(visitor, "extra: {type: text}")

    sent = {"values": {"subject": "Kept", "body": "typed"}, "revision": 1}
    answer = visitor.send("/records/note", sent)

    assert answer.status_code == 200, answer.text
    assert "Kept" in visitor.get("/records/note").text


@pytest.mark.parametrize(
    ("change", "values"),
    [
        ("body: {$retire: true}", {"subject": "Quarterly", "body": "typed"}),
        ("weight: {type: decimal}", {"subject": "Quarterly", "weight": "heavy"}),
        ("body: {required: true}", {"subject": "Quarterly"}),
    ],
    ids=["retired", "another type", "required"],
)
def test_a_form_that_has_changed_says_so_and_nothing_is_saved(
    visitor: Visitor, change: str, values: dict[str, str]
) -> None:
    publish(visitor, change)

    answer = visitor.send("/records/note", {"values": values, "revision": 1})

    told: Any = answer.json
    assert answer.status_code == 422
    assert told["reload"] is True
    assert "The form has changed" in told["message"]
    assert values["subject"] not in visitor.get("/records/note").text
    mended = {key: value for key, value in values.items() if key == "subject"} | {"body": "x"}
    if "retire" in change:
        mended.pop("body")
    assert visitor.send("/records/note", {"values": mended}).status_code == 200
