"""Every field type on every screen: entered, listed, read, filtered by, in both languages."""

from __future__ import annotations

import io
import json
import re
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
import yaml
from flask.testing import FlaskClient
from PIL import Image

from boot.connection import Address
from boot.settings import read_settings
from boot.wiring import furnish
from engine.context import Context
from engine.tenants.members import enrol
from metamodel.fieldtypes import FIELD_TYPES
from tests.conformance.specimens import NUMBERED, PERSON, SPECIMENS, UPLOADED, active, app
from tests.conftest import Installation, TenantMaker
from ui.factory import create_app
from ui.rendering import TEMPLATES
from ui.session import COOKIE, CSRF_HEADER
from ui.viewmodels.comparisons import COMPARISONS
from ui.widgets import WIDGETS
from ui.words import LANGUAGES

ENTERED = [name for name in active() if SPECIMENS[name].sent is not None]

ASKED = [name for name in ENTERED if WIDGETS[name].filter != "none"]

NEVER_ASKED = {"json"}
"""Types that no condition of the builder is about: their parts are the product's own."""


@dataclass(frozen=True, slots=True)
class Screens:
    """A signed-in person's browser on the specimens, and the record with every type filled."""

    client: FlaskClient
    ctx: Context
    csrf: str
    record: str

    def get(self, address: str, language: str) -> str:
        self.client.set_cookie("joinery_language", language)
        answer = self.client.get(f"/{self.ctx.tenant.name}{address}")
        assert answer.status_code == 200, answer.text
        return answer.text


@pytest.fixture(scope="module")
def screens(installation: Installation, tenant_of: TenantMaker) -> Screens:
    house = furnish(
        read_settings({}), Address(admin=None, app=installation.url), installation.database
    )
    ctx = tenant_of(yaml.safe_dump(app(), allow_unicode=True, sort_keys=False))
    account = house.accounts.create(
        f"{ctx.tenant.name}@example.com", name="Lin Xiao", password="four words are enough",
        language="",
    )  # fmt: skip
    person = enrol(house.accounts, house.writer, ctx, account, roles=("administrator",))
    signed_in = house.accounts.sign_in(account.email, "four words are enough", address="127.0.0.1")
    assert signed_in is not None
    client = create_app(house.services).test_client()
    client.set_cookie(COOKIE, signed_in.secret)
    door = Screens(client, ctx, signed_in.csrf, "")
    customer = _create(door, "customer", {"name": "Harbour Works"})
    known = {NUMBERED: customer, PERSON: str(person), UPLOADED: _upload(door)}
    values = {f"a_{name}": _filled(SPECIMENS[name].sent, known) for name in ENTERED}
    record = _create(door, "specimen", {"name": "The specimen", **values})
    return Screens(client, ctx, signed_in.csrf, record)


def _create(door: Screens, entity: str, values: dict[str, Any]) -> str:
    answer = door.client.post(
        f"/{door.ctx.tenant.name}/records/{entity}",
        json={"values": values},
        headers={CSRF_HEADER: door.csrf},
    )
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    return str(UUID(answer.json["location"].rsplit("/", 1)[1]))


def _upload(door: Screens) -> str:
    """Upload a picture, and return its id."""
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "#17695b").save(picture, "PNG")
    picture.seek(0)
    answer = door.client.post(
        f"/api/v1/{door.ctx.tenant.name}/files",
        data={"file": (picture, "plan.png")},
        headers={CSRF_HEADER: door.csrf},
    )
    assert answer.status_code in (200, 201), answer.text
    assert answer.json is not None
    return str(answer.json["id"])


def _filled(sent: Any, known: dict[str, str]) -> Any:
    if isinstance(sent, list):
        return [_filled(each, known) for each in sent]
    return known.get(sent, sent) if isinstance(sent, str) else sent


def _field(page: str, name: str) -> str:
    """The part of a form that is one field."""
    return page.split(f'data-field="a_{name}"', 1)[1].split('<div class="field ', 1)[0]


@pytest.mark.parametrize("name", sorted(FIELD_TYPES))
def test_a_type_has_a_specimen_an_input_and_a_kind_of_comparison(name: str) -> None:
    widget = WIDGETS[name]

    assert name in SPECIMENS
    assert (TEMPLATES / "widgets" / f"{widget.template}.html").is_file()
    assert COMPARISONS[widget.filter] or name in NEVER_ASKED | {"uuid"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ENTERED)
def test_a_form_has_the_input_of_a_type_with_label_and_help(
    screens: Screens, name: str, language: str
) -> None:
    page = screens.get("/records/specimen/new", language)

    field = _field(page, name)
    label = f"{FIELD_TYPES[name].label.text('zh')}栏" if language == "zh" else f"The {name}"
    assert label in field
    assert f'name="a_{name}"' in field
    assert (f"{name} 的说明" if language == "zh" else f"Help on {name}") in field


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("place", ["list", "record", "form"])
@pytest.mark.parametrize("name", ENTERED)
def test_a_value_reads_the_same_on_every_screen(
    screens: Screens, name: str, place: str, language: str
) -> None:
    addresses = {
        "list": "/records/specimen",
        "record": f"/records/specimen/{screens.record}",
        "form": f"/records/specimen/{screens.record}/edit",
    }

    page = screens.get(addresses[place], language)

    if place == "form":
        assert re.search(r"data-input|data-shown", _field(page, name))
    else:
        assert SPECIMENS[name].shown(language) in page


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ASKED)
def test_a_filter_offers_comparisons_that_can_be_asked(
    screens: Screens, name: str, language: str
) -> None:
    page = screens.get("/records/specimen", language)

    offered = page.split(f'data-operators-of="a_{name}"', 1)[1].split("</template>")[0]
    words = re.findall(r"<option[^>]*>([^<]+)</option>", offered)
    assert len(words) >= 2
    filled = re.search(r'value="(?:filled|true)"[^>]*data-formula="([^"]+)"', offered)
    assert filled is not None
    asked = quote(unescape(filled[1]))
    found = screens.get(f"/records/specimen?filter={asked}", language)
    assert "The specimen" in found
    assert re.search(r'role="alert"(?![^>]*hidden)', found) is None


@pytest.mark.parametrize("name", ENTERED)
def test_a_form_that_changes_nothing_of_a_value_holds_it_whole(screens: Screens, name: str) -> None:
    field = _field(screens.get(f"/records/specimen/{screens.record}/edit", "en"), name)
    held = re.search(r'value="([^"]*)"[^>]*data-holds', field)

    if held is not None and SPECIMENS[name].sent not in (None, "#17695b"):
        value = json.loads(unescape(held[1]))
        assert value
        if isinstance(SPECIMENS[name].sent, dict):
            assert value == _texts(SPECIMENS[name].sent) or _texts(value) == SPECIMENS[name].sent


def _texts(value: dict[str, Any]) -> dict[str, str]:
    return {part: str(each) for part, each in value.items()}
