"""Files through the API: sent in, named by records, saved again and never run."""

from __future__ import annotations

import io
from uuid import UUID

import pytest
from PIL import Image

from engine.context import Context
from tests.conftest import TenantMaker
from tests.ui.api.calling import Api, Calling

APP = """
format: 1
app: {name: desk, label: Desk, version: "1.0", languages: [en, zh]}
entities:
  note:
    label: Note
    title: name
    fields:
      name: {type: text}
      papers: {type: file}
      data: {type: json}
roles:
  reader: {label: Reader, rights: {note: {read: all}}}
"""


@pytest.fixture(scope="session")
def desk(tenant_of: TenantMaker) -> Context:
    return tenant_of(APP)


@pytest.fixture(scope="session")
def writer(calling: Calling, desk: Context) -> Api:
    return calling(ctx=desk)


def sent(name: str, content: bytes) -> dict[str, object]:
    return {"data": {"file": (io.BytesIO(content), name)}}


def test_a_file_is_sent_named_by_a_record_and_saved_again(writer: Api) -> None:
    made = writer.call("POST", "/files", **sent("合同.html", b"<script>alert(1)</script>"))
    assert made.status_code == 201, made.text

    note = writer.create("note", name="N", papers=[made.json["id"]])
    answer = writer.call("GET", f"/files/{made.json['id']}")

    assert note["papers"] == [made.json]
    assert made.json["name"] == "合同.html"
    assert answer.data == b"<script>alert(1)</script>"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    tag = {"If-None-Match": answer.headers["ETag"]}
    assert writer.call("GET", f"/files/{made.json['id']}", headers=tag).status_code == 304


def test_a_body_is_a_file_too_and_a_picture_has_a_small_one(writer: Api) -> None:
    content = io.BytesIO()
    Image.new("RGB", (1000, 10)).save(content, "PNG")

    made = writer.call("POST", "/files", content.getvalue(), query={"name": "p.png"},
                       content_type="application/octet-stream")  # fmt: skip
    small = writer.call("GET", f"/files/{made.json['id']}", query={"small": "1"})

    assert made.json["type"] == "image/png"
    assert Image.open(io.BytesIO(small.data)).width == 480


def test_a_request_sent_twice_keeps_one_file(writer: Api) -> None:
    key = {"Idempotency-Key": "once-and-no-more"}

    first, second = (
        writer.call("POST", "/files", headers=key, **sent("a.txt", b"words")) for _ in range(2)
    )

    assert first.json == second.json


def test_files_hang_on_records_for_those_who_may_read_them(
    writer: Api, calling: Calling, desk: Context
) -> None:
    note, reader = writer.create("note", name="N"), calling("reader", ctx=desk)
    path = f"/records/note/{note['id']}/files"

    made = writer.call("POST", path, **sent("a.txt", b"words"))

    assert reader.get(path) == {"data": [made.json]}
    assert reader.call("GET", f"/files/{made.json['id']}").data == b"words"
    assert reader.call("POST", path, **sent("b.txt", b"x")).status_code == 403
    assert writer.call("DELETE", f"{path}/{made.json['id']}").status_code == 204
    assert reader.get(path) == {"data": []}


@pytest.mark.parametrize(
    ("path", "more", "status", "code"),
    [
        ("/files", sent("a.txt", b""), 422, "upload_empty"),
        ("/files", {"data": {"other": "x"}, "content_type": "multipart/form-data"}, 422,
         "file_missing"),
        ("/records/note/nothing/files", sent("a", b"x"), 404, "not_found"),
        (f"/records/note/{UUID(int=1)}/files", sent("a", b"x"), 404, "not_found"),
    ],
    ids=["empty", "missing", "no id", "no record"],
)  # fmt: skip
def test_what_cannot_be_kept_is_refused_in_words(
    writer: Api, path: str, more: dict[str, object], status: int, code: str
) -> None:
    answer = writer.call("POST", path, **more)

    assert answer.status_code == status
    codes = [each["code"] for each in answer.json.get("errors", [])] or [answer.json["code"]]
    assert codes == [code]


def test_json_keeps_its_numbers_as_numbers(writer: Api) -> None:
    data = {"a": 2.5, "b": [1e-7, 10, "2.5"]}

    assert writer.create("note", data=data)["data"] == data
