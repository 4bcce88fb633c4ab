"""Files: taken in and judged, named by records, read with them, taken away when nobody does."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from PIL import Image
from sqlalchemy import select, text

from engine.access.policy import Policy
from engine.errors import Forbidden, NotFound, RecordRefused
from engine.files.fate import FileFate
from engine.files.judging import file_name
from engine.files.storage import Storage
from engine.files.uploads import Files
from engine.jobs import Job
from engine.query.parse import parse_filter
from engine.query.reader import Records as Reading
from engine.query.spec import FileValue, ListQuery
from engine.values.wire import record_to_wire
from tests.conftest import Installation, TenantMaker
from tests.engine.records.shop import Shop

APP = """
format: 1
app: {name: desk, label: Desk, version: "1.0", languages: [en, zh]}
entities:
  note:
    label: Note
    title: name
    owned: true
    fields:
      name: {type: text}
      papers: {type: file}
      photo: {type: image}
      album: {type: image, multiple: true}
      signed: {type: signature}
      count: {type: integer, formula: "COUNT(papers)"}
roles:
  own: {label: Own, rights: {note: {create: own, read: own, update: own}}}
  reader: {label: Reader, rights: {note: {read: all}}}
  blind: {label: Blind, rights: {note: {read: all}}, fields: {note: {papers: none}}}
"""

MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class Desk:
    """A tenant whose records name files."""

    shop: Shop
    files: Files
    storage: Storage
    reader: Reading

    def acting(self, role: str) -> Desk:
        """Return the desk as a new person with a role uses it."""
        user = self.shop.create(
            "user", {"name": "P", "email": f"{uuid4().hex}@example.com", "active": True}
        )
        shop = self.shop.acting(roles=(role,), kind="person", user=user)
        return Desk(shop, self.files, self.storage, self.reader)

    def upload(self, content: bytes = b"words", name: str = "a.txt") -> FileValue:
        return self.files.upload(self.shop.ctx, name, io.BytesIO(content))

    def read(self, file: UUID, *, small: bool = False) -> bytes:
        with self.files.open(self.shop.ctx, file, small=small).content as content:
            return content.read()

    def decide(self, file: UUID) -> None:
        """Do what the job of a file does a day after."""
        fate = FileFate(self.shop.database, self.storage, lambda _: self.shop.ctx)
        fate.run(Job(1, "", {"file": str(file)}, 1, lambda *_: None))


@pytest.fixture(scope="session")
def desk(
    tenant_of: TenantMaker, installation: Installation, tmp_path_factory: pytest.TempPathFactory
) -> Desk:
    database = installation.database
    shop, policy = Shop.open(tenant_of(APP), database), Policy(database)
    storage = Storage(f"file://{tmp_path_factory.mktemp('files')}")
    return Desk(
        shop, Files(database, policy, storage, MOST), storage, Reading(database, policy, "secret")
    )


def picture(kind: str = "PNG", size: tuple[int, int] = (900, 600)) -> bytes:
    image, content = Image.new("RGB", size, "teal"), io.BytesIO()
    exif = image.getexif()
    exif[0x0112], exif[0x010F] = 6, "Secret camera"
    image.save(content, kind, **({} if kind == "GIF" else {"exif": exif}))
    return content.getvalue()


def test_a_file_is_kept_and_named_by_a_record(desk: Desk) -> None:
    file = desk.upload("合同".encode(), "..\\合同 2026.txt")

    note = desk.shop.create("note", {"name": "N", "papers": [str(file.id)]})

    record = desk.reader.get(desk.shop.ctx, "note", [note])[0]
    said = {"id": str(file.id), "name": "合同 2026.txt", "type": "text/plain", "size": 6}
    assert record_to_wire(desk.shop.ctx.model, record)["papers"] == [said]
    assert desk.read(file.id).decode() == "合同"
    assert desk.shop.get("note", note)["count"] == 1


def test_what_was_answered_can_be_sent_again(desk: Desk) -> None:
    one, two = desk.upload(), desk.upload()
    note = desk.shop.create("note", {"papers": [str(one.id), str(two.id)]})
    record = desk.reader.get(desk.shop.ctx, "note", [note])[0]
    said = record_to_wire(desk.shop.ctx.model, record)["papers"]

    desk.shop.update("note", note, {"papers": list(reversed(said))})  # type: ignore[call-overload]

    record = desk.reader.get(desk.shop.ctx, "note", [note])[0]
    assert [each.id for each in record.values["papers"]] == [two.id, one.id]  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_picture_is_written_anew_upright_without_its_secrets(desk: Desk, kind: str) -> None:
    file = desk.upload(picture(kind), "p.bin")

    kept = Image.open(io.BytesIO(desk.read(file.id)))
    small = Image.open(io.BytesIO(desk.read(file.id, small=True)))

    assert file.picture
    assert kept.size == ((900, 600) if kind == "GIF" else (600, 900))
    assert dict(kept.getexif()) == {}
    assert b"Secret camera" not in desk.read(file.id)
    assert max(small.size) == 480


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "upload_empty"),
        (b"x" * (MOST + 1), "file_too_large"),
        (picture()[:200], "picture_broken"),
        (b"\x89PNG\r\n\x1a\n" + b"0" * 50, "picture_broken"),
        (picture(size=(8000, 7000)), "picture_too_large"),
    ],
    ids=["empty", "large", "cut off", "no picture", "bomb"],
)
def test_a_file_that_cannot_be_kept_is_refused(desk: Desk, content: bytes, code: str) -> None:
    with pytest.raises(RecordRefused) as refused:
        desk.upload(content, "p.png")

    assert [(each.code, each.path) for each in refused.value.errors] == [(code, ("file",))]


def test_fields_take_pictures_and_as_many_as_they_say(desk: Desk) -> None:
    one, two, words = desk.upload(picture()), desk.upload(picture()), desk.upload()
    payloads = [
        ({"photo": [str(words.id)]}, "file_not_picture"),
        ({"signed": [str(words.id)]}, "file_not_picture"),
        ({"photo": [str(one.id), str(two.id)]}, "too_many_items"),
        ({"signed": {"add": [str(one.id), str(two.id)]}}, "too_many_items"),
    ]

    for payload, code in payloads:
        with pytest.raises(RecordRefused) as refused:
            desk.shop.create("note", payload)
        assert [each.code for each in refused.value.errors] == [code]
    assert desk.shop.create("note", {"album": [str(one.id), str(two.id)]})


def test_a_file_is_read_by_who_uploaded_it_until_a_record_names_it(desk: Desk) -> None:
    one, other = desk.acting("own"), desk.acting("reader")
    file = one.upload(b"mine")

    assert one.read(file.id) == b"mine"
    with pytest.raises(NotFound):
        other.read(file.id)
    with pytest.raises(RecordRefused):
        desk.acting("own").shop.create("note", {"papers": [str(file.id)]})
    one.shop.create("note", {"papers": [str(file.id)]})
    assert other.read(file.id) == b"mine"
    with pytest.raises(NotFound):
        desk.acting("blind").read(file.id)
    with pytest.raises(NotFound):
        desk.acting("own").read(file.id)


def test_files_are_found_by_their_name_in_filters(desk: Desk) -> None:
    file = desk.upload(b"x", "plan-77.txt")
    note = desk.shop.create("note", {"papers": [str(file.id)]})
    typed = parse_filter(desk.shop.ctx, "note", 'ANY(papers, CONTAINS(name, "plan-77"))')

    found = desk.reader.find(desk.shop.ctx, ListQuery("note", typed)).rows

    assert [row.id for row in found] == [note]


def test_a_file_that_nothing_names_is_taken_away(desk: Desk) -> None:
    lone, named = desk.upload(), desk.upload()
    note = desk.shop.create("note", {"papers": [str(named.id)]})
    desk.shop.records.delete(desk.shop.ctx, "note", [note])

    for file in (lone, named, lone):
        desk.decide(file.id)

    with pytest.raises(NotFound):
        desk.read(lone.id)
    with pytest.raises(FileNotFoundError):
        desk.storage.open(desk.shop.ctx.tenant, lone.id)
    assert desk.read(named.id) == b"words"


def test_a_file_is_looked_at_a_day_after_it_came_and_after_it_was_let_go(
    desk: Desk, installation: Installation
) -> None:
    file = desk.upload()
    note = desk.shop.create("note", {"papers": [str(file.id)]})

    desk.shop.update("note", note, {"papers": []})

    query = text(
        "SELECT scheduled_at FROM joinery.procrastinate_jobs WHERE task_name = 'file_fate'"
        " AND args -> 'payload' ->> 'file' = :file"
    )
    with installation.database.registry() as connection:
        due = connection.execute(query, {"file": str(file.id)}).scalars().all()
    assert due == [desk.shop.ctx.now + timedelta(days=1)] * 2


def test_files_are_attached_to_records_and_taken_off_again(desk: Desk) -> None:
    owner, reader = desk.acting("own"), desk.acting("reader")
    note = owner.shop.create("note", {"name": "N"})
    content = io.BytesIO(b"attached")

    file = desk.files.upload(owner.shop.ctx, "a.txt", content, to=("note", note))

    assert desk.files.attached(reader.shop.ctx, "note", note) == (file,)
    assert reader.read(file.id) == b"attached"
    with pytest.raises(Forbidden):
        desk.files.upload(reader.shop.ctx, "b.txt", io.BytesIO(b"x"), to=("note", note))
    with pytest.raises(NotFound):
        desk.files.attached(desk.acting("own").shop.ctx, "note", note)
    desk.decide(file.id)
    desk.files.detach(owner.shop.ctx, "note", note, file.id)
    desk.decide(file.id)
    assert desk.files.attached(reader.shop.ctx, "note", note) == ()
    with pytest.raises(NotFound):
        reader.read(file.id)


def test_bytes_lie_under_ids_alone(desk: Desk) -> None:
    file = desk.upload(b"x", "../../etc/passwd")

    assert file.name == "passwd"
    table = desk.shop.ctx.compiled.tables.of("sys_file")
    with desk.shop.database.reading(desk.shop.ctx) as connection:
        row = connection.execute(select(table).where(table.c.id == file.id)).one()
    assert row.sha256 == "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
    assert Path(file.name).name == file.name


def test_files_are_not_picked_from_a_list(desk: Desk) -> None:
    with pytest.raises(NotFound):
        desk.reader.pick(desk.shop.ctx, "note", "papers", "", this={})


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("in\u202egpj.exe", "ingpj.exe"),
        ("a\x00b\r\nc.txt", "abc.txt"),
        ("NUL.txt", "_NUL.txt"),
        ("...", "file"),
        (None, "file"),
        ("a" * 5_000 + ".pdf", "a" * 196 + ".pdf"),
        ("合同：终稿?.docx", "合同：终稿.docx"),
    ],
)
def test_a_name_leads_nowhere_and_hides_nothing(given: str | None, kept: str) -> None:
    assert file_name(given) == kept


def test_a_moving_picture_loses_its_remarks_and_may_not_move_too_much(desk: Desk) -> None:
    frames = [Image.new("P", (20, 20), color) for color in range(3)]
    moving, endless = io.BytesIO(), io.BytesIO()
    frames[0].save(moving, "GIF", save_all=True, append_images=frames[1:], comment=b"Secret place")
    wide = [Image.new("P", (5_000, 5_000), color) for color in range(11)]
    wide[0].save(endless, "GIF", save_all=True, append_images=wide[1:])

    kept = desk.read(desk.upload(moving.getvalue(), "m.gif").id)

    assert b"Secret place" not in kept
    with pytest.raises(RecordRefused):
        desk.upload(endless.getvalue(), "m.gif")


@pytest.mark.parametrize(
    "content",
    [b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
     b"<!doctype html><script>alert(1)</script>", b"<?xml version='1.0'?><svg onload='x()'/>"],
)  # fmt: skip
def test_what_could_run_is_never_taken_for_a_picture(desk: Desk, content: bytes) -> None:
    file = desk.upload(content, "harmless.png")

    assert not file.picture
    assert not file.type.startswith("image/") or file.type == "image/svg+xml"
