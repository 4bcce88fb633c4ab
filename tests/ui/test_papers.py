"""Documents of records over pages and API: what a browser is told of them, and their refusals."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from uuid import UUID
from zipfile import ZipFile

import pytest
from PIL import Image

from boot.wiring import House
from tests.conftest import TenantMaker
from tests.ui.conftest import Visitor, visits

APP = Path(__file__).parents[1] / "engine" / "documents" / "papers.yaml"

LINE = {"quantity": "3", "unit_price": "1999.99", "discount": "0.05"}


@pytest.fixture(scope="module")
def clerk(serving: House, tenant_of: TenantMaker) -> Visitor:
    return visits(serving, tenant_of(APP.read_text("utf-8")))("administrator")


def quote(clerk: Visitor, code: str, lines: int = 1) -> str:
    product = clerk.create("product", name="液压泵")
    sold = [{**LINE, "product": product}] * lines
    made = clerk.house.writer.create(clerk.ctx, "quote", [{"code": code, "lines": sold}])
    return str(made.ids[0])


def test_a_document_is_shown_where_nothing_in_it_runs(clerk: Visitor) -> None:
    address = f"/records/quote/{quote(clerk, 'Q-7')}/documents/paper"

    pdf = clerk.get(f"{address}?inline=1&language=zh")
    page = clerk.get(f"{address}?as=page&language=zh")

    assert pdf.mimetype == "application/pdf"
    assert pdf.headers["Content-Disposition"].startswith("inline")
    assert pdf.data.startswith(b"%PDF")
    assert "sandbox" in page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "报价单 Q-7" in page.text


def test_what_cannot_be_printed_yet_says_why_on_a_page(clerk: Visitor) -> None:
    answer = clerk.get(f"/records/quote/{quote(clerk, 'Q-0', 0)}/documents/paper", language="zh")

    assert answer.status_code == 422
    assert "尚" in answer.text or "不符合" in answer.text


def test_chosen_records_are_packed_each_under_a_name_of_its_own(clerk: Visitor) -> None:
    ids = ",".join(quote(clerk, "Q-8") for _ in range(2))

    packed = clerk.get(f"/records/quote/documents/paper?ids={ids}&as=zip")

    with ZipFile(BytesIO(packed.data)) as archive:
        assert len(set(archive.namelist())) == 2


def test_a_copy_is_kept_with_the_record(clerk: Visitor) -> None:
    record = quote(clerk, "Q-9")

    kept = clerk.send(f"/records/quote/{record}/documents/paper", {})

    assert kept.status_code == 200
    assert kept.json["location"].endswith(record)
    files = clerk.client.get(f"/api/v1{clerk.path('')}/records/quote/{record}/files").json["data"]
    assert [each["type"] for each in files] == ["application/pdf"]


def test_pages_of_a_file_are_shown_as_pictures_to_who_may_read_it(
    clerk: Visitor, serving: House
) -> None:
    """The history of a record leads to them; a broken or protected file says what to do (B-16)."""
    record = quote(clerk, "Q-5", lines=120)
    paper = clerk.get(f"/records/quote/{record}/documents/paper?language=zh").data
    files = clerk.house.services.files
    files.upload(clerk.ctx, "Q-5.pdf", BytesIO(paper), to=("quote", UUID(record)))
    (shown,) = re.findall(
        r'data-dialog="([^"]*/preview)"', clerk.get(f"/records/quote/{record}/history").text
    )
    address = shown.removeprefix(clerk.path(""))
    seller = visits(serving, clerk.ctx)("seller")
    unnamed = files.upload(clerk.ctx, "own.pdf", BytesIO(b"%PDF-1.7"))

    dialog = clerk.get(address)
    picture = clerk.get(f"{address}/1")
    with Image.open(BytesIO(picture.data)) as page:
        width, height = page.size

    pages = re.findall(r'<img class="paper-page" src="([^"]*)"', dialog.text)
    assert len(pages) >= 2
    assert height > width > 1_000
    assert "sandbox" in picture.headers["Content-Security-Policy"]
    again = {"If-None-Match": picture.headers["ETag"]}
    assert clerk.client.get(f"{shown}/1", headers=again).status_code == 304
    assert clerk.get(f"{address}/{len(pages) + 1}").status_code == 404
    closed = (f"/files/{unnamed.id}/preview", f"/files/{unnamed.id}/preview/1")
    assert [seller.get(each).status_code for each in (address, *closed)] == [200, 404, 404]


@pytest.mark.parametrize("content", [b"%PDF-1.7\nnothing follows", b"plain words"])
def test_a_file_without_pages_says_what_to_do_with_it(clerk: Visitor, content: bytes) -> None:
    at = ("quote", UUID(quote(clerk, "Q-4")))
    file = clerk.house.services.files.upload(clerk.ctx, "scan.pdf", BytesIO(content), to=at)

    answer = clerk.get(f"/files/{file.id}/preview")

    assert answer.status_code == 200
    assert "Download it to open it" in answer.text
    assert f"/files/{file.id}" in answer.text


def test_the_api_lists_what_a_record_can_be_printed_as(clerk: Visitor) -> None:
    base = f"/api/v1{clerk.path('')}/records/quote/{quote(clerk, 'Q-6')}/documents"

    found = clerk.client.get(base).json["data"]

    assert {each["name"] for each in found} == {"paper", "manager_paper"}
    assert clerk.client.get(f"{base}/paper?as=nothing").status_code == 422
    assert clerk.client.get(f"{base}/nothing").status_code == 404
