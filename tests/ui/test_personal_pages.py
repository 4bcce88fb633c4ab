"""What is known of a person on the screens: given to them as a file, and erased by a job."""

from __future__ import annotations

import re
from io import BytesIO
from uuid import UUID, uuid4
from zipfile import ZipFile

import pytest

from boot.wiring import House
from tests.conftest import TenantMaker
from tests.ui.conftest import Visiting, Visitor, visits

APP = """
format: 1
app: {name: guests, label: {zh: 访客, en: Guests}, version: "1", languages: [zh, en]}
entities:
  guest:
    label: {zh: 访客, en: Guest}
    plural: {zh: 访客, en: Guests}
    title: name
    owned: true
    fields:
      name: {type: text, required: true, personal_data: true, label: {zh: 姓名, en: Name}}
  room:
    label: {zh: 房间, en: Room}
    plural: {en: Rooms}
    title: name
    fields: {name: {type: text, label: {zh: 名称, en: Name}}}
roles:
  host: {label: {zh: 接待, en: Host}, rights: {guest: {create: all, read: all, update: all}}}
"""


@pytest.fixture(scope="module")
def guests(serving: House, tenant_of: TenantMaker) -> Visiting:
    return visits(serving, tenant_of(APP))


@pytest.fixture(scope="module")
def admin(guests: Visiting) -> Visitor:
    return guests("administrator")


def test_a_person_is_shown_taken_along_as_a_file_and_erased(admin: Visitor, serving: House) -> None:
    guest = admin.create("guest", name="Ada of the East Wing")
    here = f"/admin/people/data/guest/{guest}"

    assert here in admin.get(f"/records/guest/{guest}").text
    assert "Guests <b>1</b>" in admin.get(here).text
    with ZipFile(BytesIO(admin.get(f"{here}/file").data)) as taken:
        assert b"Ada of the East Wing" in taken.read("records.jsonl")
    begun = admin.send(f"{here}/erase", {}).get_json()
    erasure = UUID(re.findall("erasure=(.+)$", begun["location"])[0])
    assert "Being erased" in admin.get(f"{here}?erasure={erasure}").text
    anew = admin.get(here).text
    assert "Being erased" in anew, "as well when the page is opened anew"
    assert 'data-open="erase"' not in anew

    serving.services.erasures.run(admin.ctx, erasure)

    after = admin.get(f"{here}?erasure={erasure}").text
    assert "Erased" in after
    assert "Ada of the East Wing" not in after
    assert "Ada of the East Wing" not in admin.get("/records/guest").text


def test_only_administrators_come_to_personal_data(admin: Visitor, guests: Visiting) -> None:
    host = guests("host")
    guest, room = host.create("guest", name="Kept"), admin.create("room", name="12")
    here = f"/admin/people/data/guest/{guest}"

    assert here not in host.get(f"/records/guest/{guest}").text
    assert host.get(here).status_code == 403
    assert host.get(f"{here}/file").status_code == 403
    assert host.send(f"{here}/erase", {}).status_code == 403
    assert "people/data" not in admin.get(f"/records/room/{room}").text
    assert admin.get(f"/admin/people/data/room/{room}").status_code in {409, 422}
    assert admin.get(f"/admin/people/data/guest/{uuid4()}").status_code == 404
    assert admin.get(f"/admin/people/data/nothing/{guest}").status_code == 404


def test_nobody_is_erased_while_they_work_here(admin: Visitor) -> None:
    page = admin.get(f"/admin/people/data/user/{admin.user}")

    assert page.status_code == 200
    assert 'data-open="erase"' not in page.text
    assert admin.send(f"/admin/people/data/user/{admin.user}/erase", {}).status_code == 422
