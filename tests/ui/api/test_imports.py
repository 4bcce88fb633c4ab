"""Files over HTTP: taken in as the person who sent them, or refused row by row."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from engine.context import Cause, Context
from tests.ui.api.calling import Api, Calling, codes


def send(api: Api, entity: str, file: str | bytes, **query: str) -> Any:
    content = file.encode() if isinstance(file, str) else file
    return api.call("POST", f"/import/{entity}", content, query=query, content_type="text/csv")


def taken_in(api: Api, entity: str, file: str | bytes, **query: str) -> Any:
    """Send a file, run its job as a worker would, and return what is told of it."""
    answer = send(api, entity, file, **query)
    assert answer.status_code == 202, answer.text
    api.house.services.importer.run(worker(api), answer.json["id"])
    return api.get(f"/import/{answer.json['id']}")


def worker(api: Api) -> Context:
    bearer = api.house.accounts.bearer(api.token)
    assert bearer is not None
    return api.house.contexts.make(
        api.ctx.tenant.name, bearer.account.id, language="en", cause=Cause("import")
    )


def test_a_file_becomes_records(api: Api, name: str) -> None:
    file = f"名称;email;limit;level\n{name} 1;;1,234.50;重点\n{name} 2;a{name[5:]}@b.co;;other\n"

    state = taken_in(api, "customer", file)

    assert (state["state"], state["done"], state["total"]) == ("done", 2, 2)
    assert state["counts"] == {"created": 2, "updated": 0, "rejected": 0}
    first, second = api.get("/records/customer", filter=f'STARTSWITH(name, "{name}")', sort="name")[
        "data"
    ]
    assert (first["limit"], first["level"], second["email"]) == (
        "1234.50", "key", f"a{name[5:]}@b.co",
    )  # fmt: skip


def test_a_form_brings_the_file_with_its_map(api: Api, name: str) -> None:
    form = {
        "file": (io.BytesIO(f"Wer,Wo\n{name},x\n".encode()), "leute.csv"),
        "map": "columns: {Wer: name}\nignore: [Wo]\ndefaults: {level: key}",
    }

    answer = api.call("POST", "/import/customer", data=form)

    assert (answer.status_code, answer.json["file"]) == (202, "leute.csv")
    assert answer.json["state"] == "waiting"
    api.house.services.importer.run(worker(api), answer.json["id"])
    [made] = api.get("/records/customer", filter=f'name == "{name}"')["data"]
    assert made["level"] == "key"


def test_a_rehearsal_tells_all_and_leaves_nothing(api: Api, name: str) -> None:
    answer = send(api, "customer", f"name,limit\n{name},1\n{name},2\nx,many\n", dry_run="1")

    assert answer.status_code == 200
    assert answer.json["counts"] == {"created": 1, "updated": 0, "rejected": 2}
    assert [each["line"] for each in answer.json["rejected"]] == [3, 4]
    assert api.get("/records/customer", filter=f'name == "{name}"')["data"] == []


def test_rejected_rows_come_back_as_a_harmless_file(api: Api, name: str) -> None:
    bad = '=HYPERLINK("http://x")'
    quoted = '"' + bad.replace('"', '""') + '"'
    file = f"name,limit,notes\n{name},-x,{quoted}\n{name} 2,1,+1\n,1,@x\n{name} 3\n"

    state = taken_in(api, "customer", file)
    answer = api.call("GET", f"/import/{state['id']}", query={"rejected": "file"})

    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[0] == ["line", "errors", "name", "limit", "notes"]
    assert [row[0] for row in rows[1:]] == ["2", "4", "5"]
    assert rows[1][2:] == [name, "'-x", f"'{bad}"]
    assert rows[1][1].startswith("limit: ")
    assert rows[2][4] == "'@x"
    assert "attachment" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("mode", ["update", "upsert"])
def test_rows_are_matched_by_a_unique_field(api: Api, name: str, mode: str) -> None:
    known = api.create("customer", name=name, email=f"k{name[5:]}@b.co", limit="1")
    file = f"email,name,limit\nk{name[5:]}@b.co,{name},7\nn{name[5:]}@b.co,{name} new,8\n"

    state = taken_in(api, "customer", file, mode=mode, key="email")

    assert api.get(f"/records/customer/{known['id']}")["limit"] == "7.00"
    made = api.get("/records/customer", filter=f'name == "{name} new"')["data"]
    assert state["counts"]["updated"] == 1
    assert (len(made), state["counts"]["rejected"]) == ((1, 0) if mode == "upsert" else (0, 1))


def test_a_link_is_found_by_what_people_call_its_target(api: Api, name: str) -> None:
    customer = api.create("customer", name=name)

    taken_in(api, "order", f"customer,reason\n{name},{name}\n")

    [order] = api.get("/records/order", filter=f'reason == "{name}"')["data"]
    assert order["customer"] == {"id": customer["id"], "title": name}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    ("file", "code"),
    [
        pytest.param(b"", "file_empty", id="empty"),
        pytest.param(b"\x00\x01\x02", "file_binary", id="binary"),
        pytest.param(b"1,2\n3,4\n", "header_missing", id="no header"),
        pytest.param(b"name,name\na,b\n", "header_duplicate", id="same twice"),
        pytest.param(b"name,,limit\na,b,1\n", "header_blank", id="no name"),
        pytest.param(b'name,limit\n"a,1\n', "broken_quoting", id="quotes"),
    ],
)
def test_a_file_that_is_no_table_is_refused(
    api: Api, file: bytes, code: str, language: str
) -> None:
    answer = send(api.speaking(language), "customer", file)

    assert (answer.status_code, answer.json["code"]) == (422, code)
    assert answer.json["detail"]


@pytest.mark.parametrize(
    ("file", "query", "error"),
    [
        pytest.param("nom\na\n", {}, ("nom", "column_unknown"), id="column"),
        pytest.param("name\na\n", {"map": "a: ["}, ("", "map_yaml"), id="map"),
        pytest.param("name\na\n", {"map": "cols: {}"}, ("", "map_shape"), id="shape"),
        pytest.param(
            "name\na\n", {"map": "ignore: [x]"}, ("x", "map_column_missing"), id="no column"
        ),
        pytest.param("name\na\n", {"mode": "merge"}, ("mode", "unknown_choice"), id="mode"),
        pytest.param("name\na\n", {"mode": "update"}, ("", "import_key"), id="no key"),
        pytest.param(
            "name\na\n", {"mode": "update", "key": "level"}, ("", "import_key"), id="bad key"
        ),
    ],
)
def test_an_import_that_cannot_begin_says_why(
    api: Api, file: str, query: dict[str, str], error: tuple[str, str]
) -> None:
    answer = send(api, "customer", file, **query)

    assert (answer.status_code, codes(answer)) == (422, {error})


def test_how_far_an_import_is_is_told_to_whoever_began_it(
    api: Api, calling: Calling, name: str
) -> None:
    state = taken_in(api, "customer", f"name\n{name}\n")

    assert calling().call("GET", f"/import/{state['id']}").status_code == 404


def test_an_import_may_do_what_its_person_may(calling: Calling, name: str) -> None:
    answer = send(calling("clerk"), "customer", f"name\n{name}\n")

    assert (answer.status_code, answer.json["code"]) == (403, "forbidden")
