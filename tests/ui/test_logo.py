"""A tenant's own logo: on its pages and where people sign in (A-14)."""

from __future__ import annotations

import io
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from boot.transfers import transfers
from boot.wiring import House
from engine.files.refusals import FileRefused
from engine.tenants.logo import LARGEST
from tests.conftest import TenantMaker
from tests.ui.conftest import Visitor, visits
from ui.factory import create_app

APP = """
format: 1
app: {name: sign, label: {zh: 招牌, en: Sign}, version: "1", languages: [zh, en]}
entities:
  shop: {label: {zh: 店, en: Shop}, title: name, fields: {name: {type: text}}}
roles:
  clerk: {label: {zh: 店员, en: Clerk}, rights: {shop: {read: all}}}
"""

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.fixture
def admin(serving: House, tenant_of: TenantMaker) -> Visitor:
    return visits(serving, tenant_of(APP))("administrator")


@pytest.fixture
def stranger(serving: House) -> FlaskClient:
    return create_app(serving.services).test_client()


def picture(size: tuple[int, int] = (900, 300), kind: str = "PNG") -> bytes:
    made = io.BytesIO()
    Image.new("RGB", size, (10, 120, 90)).save(made, kind)
    return made.getvalue()


def send(who: Visitor, content: bytes, name: str = "logo.png") -> TestResponse:
    form = {"csrf_token": who.csrf, "file": (io.BytesIO(content), name)}
    return who.client.post(
        who.path("/admin/workspace/logo"), data=form, headers={"Accept-Language": "en"}
    )


def test_a_logo_stands_on_every_page_and_where_people_sign_in(
    admin: Visitor, stranger: FlaskClient
) -> None:
    """A-14."""
    address = admin.path("/logo")

    assert send(admin, picture()).status_code == 303

    page = admin.get("/admin/workspace").text
    door = stranger.get(f"/sign-in?next={admin.path('/records/shop')}").text
    assert f'class="brand-logo" src="{address}?v=' in page
    assert f'class="brand-logo" src="{address}?v=' in door
    assert "brand-logo" not in stranger.get("/sign-in?next=/nobody").text
    shown = stranger.get(address)
    assert shown.status_code == 200
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    with Image.open(io.BytesIO(shown.data)) as drawn:
        assert drawn.width <= 480


def test_a_logo_is_taken_away_again(admin: Visitor, stranger: FlaskClient) -> None:
    send(admin, picture())

    admin.client.post(admin.path("/admin/workspace/logo/remove"), data={"csrf_token": admin.csrf})

    assert "brand-logo" not in admin.get("/admin/workspace").text
    assert stranger.get(admin.path("/logo")).status_code == 404


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (SVG, "logo.svg", "is no picture"),
        (SVG, "logo.png", "is no picture"),
        (b"", "logo.png", "empty"),
        (picture()[:200], "logo.png", "cannot be read"),
    ],
    ids=["svg", "svg called png", "empty", "cut off"],
)
def test_what_is_no_picture_is_refused_and_changes_nothing(
    admin: Visitor, content: bytes, name: str, said: str
) -> None:
    answer = send(admin, content, name)

    assert answer.status_code == 422
    assert said in answer.text
    assert "brand-logo" not in admin.get("/admin/workspace").text


def test_a_picture_of_too_many_bytes_is_refused(admin: Visitor, serving: House) -> None:
    large = io.BytesIO(b"\x89PNG\r\n\x1a\n" + bytes(LARGEST))

    with pytest.raises(FileRefused) as refused:
        serving.services.logos.put(admin.ctx, "logo.png", large)

    assert [each.code for each in refused.value.errors] == ["file_too_large"]


def test_only_administrators_change_it(serving: House, tenant_of: TenantMaker) -> None:
    clerk = visits(serving, tenant_of(APP))("clerk")

    assert send(clerk, picture()).status_code == 403


def test_a_clone_has_the_logo_of_its_original(
    admin: Visitor, serving: House, stranger: FlaskClient
) -> None:
    send(admin, picture())
    name = f"copy{uuid4().hex[:6]}"

    transfers(serving).cloning.clone(admin.ctx.tenant.name, name, progress=lambda *_: None)

    first, second = stranger.get(admin.path("/logo")), stranger.get(f"/{name}/logo")
    assert second.status_code == 200
    assert second.data == first.data
    transfers(serving).farewell.at_once(name)
