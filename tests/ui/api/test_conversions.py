"""Values that did not convert are seen, found, mended and let go over the API (P-30)."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.conftest import TenantMaker
from tests.ui.api.calling import Api, Calling

STORE = (Path(__file__).parent / "store.yaml").read_text("utf-8")


@pytest.fixture(scope="module")
def admin(tenant_of: TenantMaker, calling: Calling) -> Api:
    return calling(ctx=tenant_of(STORE))


@pytest.fixture
def field(admin: Api) -> str:
    """Return a text field that holds words and a number, and has become a number."""
    name = f"f_{uuid4().hex[:8]}"
    _publish(admin, name, "text")
    for at, text in enumerate(("12", "a dozen", "a dozen", "many")):
        admin.create("customer", name=f"{name}{at}", **{name: text})
    _publish(admin, name, "decimal")
    return name


def _publish(admin: Api, field: str, kind: str) -> None:
    layer = {"entities": {"customer": {"fields": {field: {"type": kind}}}}}
    made = admin.call("POST", "/drafts", {"title": "Types", "layer": layer})
    done = admin.call("POST", f"/drafts/{made.json['name']}/publish", {"allow_loss": True})
    assert done.status_code == 200, done.text


def _found(admin: Api, field: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = admin.get("/records/customer", unconverted=field)["data"]
    return found


def _opened(admin: Api, field: str) -> dict[str, Any]:
    everything = admin.get("/conversions")["data"]
    [found] = [each for each in everything if each["field"] == field]
    return dict(found)


def test_what_did_not_convert_is_listed_mended_and_let_go(admin: Api, field: str) -> None:
    opened = _opened(admin, field)
    one = f"/conversions/{opened['id']}"
    assert (opened["from"], opened["to"], opened["kept"]) == ("text", "decimal", 3)
    assert admin.get(one)["data"] == [
        {"text": "a dozen", "records": 2}, {"text": "many", "records": 1},
    ]  # fmt: skip

    mended = admin.call("POST", f"{one}/mend", {"text": "a dozen", "value": "12"})
    early = admin.call("POST", f"{one}/close", {"kept": 3})
    closed = admin.call("POST", f"{one}/close", {"kept": 1})

    assert mended.json == {"done": 2, "refused": []}
    assert (early.status_code, closed.status_code) == (422, 204)
    assert admin.call("GET", one).status_code == 404
    assert _found(admin, field) == []


def test_a_record_tells_what_of_it_did_not_convert(admin: Api, field: str) -> None:
    waiting = {each["name"]: each["id"] for each in _found(admin, field)}
    assert waiting.keys() == {f"{field}{at}" for at in (1, 2, 3)}

    kept = admin.get(f"/records/customer/{waiting[f'{field}3']}/kept")["data"]
    file = admin.call("GET", f"/conversions/{_opened(admin, field)['id']}/file")

    assert kept == [{"field": field, "text": "many", "type": "text"}]
    assert sorted(file.text.strip().splitlines())[0].endswith(("a dozen", "many", "text"))
    assert file.text.count("a dozen") == 2


def test_a_field_that_is_not_there_did_not_convert_either(admin: Api) -> None:
    assert admin.call("GET", "/records/customer?unconverted=nothing").status_code == 404
