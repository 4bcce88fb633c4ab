"""The command line: exit statuses, and every refusal a sentence without a traceback."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import URL, create_engine, text
from sqlalchemy.pool import NullPool

from tests.boot.conftest import Terminal

APP = """
format: 1
app: {name: tiny, label: Tiny, version: "1"}
entities:
  note:
    label: Note
    title: name
    fields:
      name: {type: text, required: true}
      stars: {type: integer}
"""
LAYER = """
entities:
  note:
    fields:
      due: {type: date, label: {en: Due, zh: 到期}}
"""


@pytest.fixture
def app_file(tmp_path: Path) -> str:
    path = tmp_path / "tiny.yaml"
    path.write_text(APP, encoding="utf-8")
    return str(path)


@pytest.fixture
def layer(tmp_path: Path) -> str:
    path = tmp_path / "layer.yaml"
    path.write_text(LAYER, encoding="utf-8")
    return str(path)


@pytest.fixture
def tenant(joinery: Terminal, app_file: str) -> str:
    name = f"t{uuid4().hex[:12]}"
    assert joinery("tenant", "create", name, "--template", app_file) == 0, joinery.err
    return name


def test_wrong_usage_is_64_and_a_refusal_is_1_with_a_sentence(joinery: Terminal) -> None:
    assert joinery("fly") == 64
    assert "No such command" in joinery.err
    assert joinery("tenant", "show") == 64
    assert joinery("tenant", "show", "nobody") == 1
    assert "There is no tenant 'nobody'" in joinery.err


def test_refusals_are_in_the_terminals_language(
    joinery: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")

    assert joinery("tenant", "show", "nobody") == 1
    assert "租户" in joinery.err


def test_a_tenant_is_made_shown_listed_renamed_and_deleted(joinery: Terminal, tenant: str) -> None:
    shown = joinery.json("tenant", "show", tenant)
    listed = joinery.json("tenant", "list")

    assert isinstance(shown, dict)
    assert isinstance(listed, list)
    assert (shown["revision"], shown["state"]) == (1, "live")
    assert tenant in {each["name"] for each in listed}
    assert joinery("tenant", "rename", tenant, f"{tenant}-b") == 0
    assert joinery("tenant", "show", tenant) == 1
    assert joinery("tenant", "delete", f"{tenant}-b", "--now", "--yes") == 0
    assert joinery("tenant", "show", f"{tenant}-b") == 1


def test_a_deleted_tenant_can_be_taken_back_for_a_while(joinery: Terminal, tenant: str) -> None:
    assert joinery("tenant", "delete", tenant, "--days", "3", "--yes") == 0
    leaving = joinery.json("tenant", "show", tenant)
    assert joinery("tenant", "archive", tenant) == 1
    assert joinery("tenant", "delete", tenant, "--back") == 0
    back = joinery.json("tenant", "show", tenant)

    assert isinstance(leaving, dict)
    assert isinstance(back, dict)
    assert (leaving["state"], back["state"]) == ("leaving", "live")
    assert leaving["leaving_at"]
    assert back["leaving_at"] is None


def test_a_tenant_is_cloned_backed_up_restored_and_agreed_upon(
    joinery: Terminal, tenant: str, tmp_path: Path
) -> None:
    file, copies = tmp_path / "one.backup", [f"{tenant}-{each}" for each in "cdem"]

    assert joinery("tenant", "backup", tenant, str(file)) == 0, joinery.err
    assert "master key" in joinery.err
    assert joinery("tenant", "restore", str(file)) == 1
    assert joinery("tenant", "restore", str(file), "--as", copies[0]) == 0, joinery.err
    assert joinery("tenant", "clone", tenant, copies[1]) == 0, joinery.err
    assert joinery("tenant", "clone", tenant, copies[2], "--without-data") == 0, joinery.err
    assert joinery("tenant", "clone", tenant, copies[3], "--mask") == 0, joinery.err
    assert joinery("tenant", "clone", tenant, "x", "--mask", "--without-data") == 64
    for each in copies:
        shown = joinery.json("tenant", "show", each)
        assert isinstance(shown, dict)
        assert (shown["state"], shown["revision"]) == ("live", 1)
        assert joinery("tenant", "delete", each, "--now", "--yes") == 0
    assert joinery("tenant", "subscription", tenant, "--seats", "3", "--until", "2030-01-31") == 0
    agreed = joinery.json("tenant", "show", tenant)
    assert isinstance(agreed, dict)
    assert (agreed["seats"], agreed["until"]) == (3, "2030-01-31")


@pytest.fixture
def further(fresh_database: URL) -> Iterator[str]:
    """A name for a further database, which is dropped at the end."""
    name = f"d{uuid4().hex[:8]}"
    yield name
    engine = create_engine(fresh_database, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {fresh_database.database}_{name} WITH (FORCE)"))


def test_databases_are_added_listed_drained_and_removed(
    joinery: Terminal, tenant: str, further: str
) -> None:
    name = further

    assert joinery("database", "add", name) == 0, joinery.err
    assert joinery("database", "add", name) == 1
    assert joinery("tenant", "move", tenant, name) == 0, joinery.err
    shown = joinery.json("tenant", "show", tenant)
    assert joinery("database", "remove", name) == 1
    assert joinery("database", "drain", name) == 0
    listed = joinery.json("database", "list")
    assert joinery("tenant", "move", tenant, "default") == 0, joinery.err
    assert joinery("database", "remove", name) == 0, joinery.err

    assert isinstance(shown, dict)
    assert isinstance(listed, list)
    assert shown["database"] == name
    assert [each["state"] for each in listed if each["name"] == name] == ["draining"]


def test_a_name_is_refused_before_anything_is_made(joinery: Terminal, app_file: str) -> None:
    assert joinery("tenant", "create", "客户", "--template", app_file) == 1
    assert "cannot be a tenant's name" in joinery.err


def test_a_change_is_planned_applied_compared_and_taken_back(
    joinery: Terminal, tenant: str, layer: str
) -> None:
    plan = joinery.json("plan", tenant, layer)
    assert isinstance(plan, dict)
    assert [step["code"] for step in plan["steps"]] == ["add_column"]
    assert joinery("plan", tenant, layer, "--sql") == 0
    assert "ADD COLUMN" in joinery.out

    assert joinery("apply", tenant, layer, "--message", "When it is due") == 0
    assert joinery("diff", tenant, "1", "2") == 1
    assert "`note`: field `due` is new" in joinery.out
    assert joinery("rollback", tenant, "1") == 0
    revisions = joinery.json("revisions", tenant)
    assert isinstance(revisions, list)
    assert [each["number"] for each in revisions] == [3, 2, 1]
    assert revisions[1]["message"] == "When it is due"


def test_a_plan_says_what_the_app_will_do_by_itself(
    joinery: Terminal, tenant: str, tmp_path: Path
) -> None:
    layer = tmp_path / "acting.yaml"
    layer.write_text(
        "automations: {greet: {label: Greet, trigger: {on: created, entity: note}, "
        "steps: {rate: {set: {stars: '5'}}}}}\n"
    )

    assert joinery("plan", tenant, str(layer)) == 0

    assert "No table changes." in joinery.out
    assert "Automation `greet` is new." in joinery.out


def test_applying_the_same_again_changes_nothing(
    joinery: Terminal, tenant: str, layer: str
) -> None:
    assert joinery("apply", tenant, layer) == 0
    assert joinery("apply", tenant, layer) == 0
    assert "Nothing changes" in joinery.out


def test_a_broken_layer_is_refused_with_every_place(
    joinery: Terminal, tenant: str, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text(
        "entities:\n  note:\n    fields:\n      a: {tpye: text}\n      b: {type: x}\n"
    )

    assert joinery("plan", tenant, str(broken)) == 1
    assert "broken.yaml:4:" in joinery.err
    assert "broken.yaml:5:" in joinery.err
    assert "nothing was applied" in joinery.err


def test_a_file_that_is_not_text_is_refused(joinery: Terminal, tenant: str, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_bytes("客户".encode("gbk"))

    assert joinery("plan", tenant, str(wrong)) == 1
    assert "not UTF-8" in joinery.err


def test_a_person_is_added_and_gets_a_token_on_the_last_line(
    joinery: Terminal, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    email = f"{uuid4().hex}@example.com"
    assert joinery("user", "add", email, "--tenant", tenant, "--role", "nothing") == 1
    assert "There is no role nothing" in joinery.err
    assert joinery("user", "add", email, "--tenant", tenant, "--role", "administrator") == 0
    assert "can sign in with the password" in joinery.out

    assert joinery("token", "create", tenant, "--user", email, "--scopes", "all") == 0
    assert joinery.out.strip().splitlines()[-1].startswith("jn_")
    assert joinery("token", "create", tenant, "--user", email, "--scopes", "fly") == 1
    assert joinery("token", "create", tenant, "--user", "x@y.z", "--scopes", "all") == 1


def test_a_token_is_listed_by_its_beginning_and_ends_when_it_is_revoked(
    joinery: Terminal, tenant: str
) -> None:
    email = f"{uuid4().hex}@example.com"
    joinery("user", "add", email, "--tenant", tenant, "--role", "administrator")
    given = ("token", "create", tenant, "--user", email, "--scopes", "read")
    assert joinery(*given, "--expires", "never") == 1
    assert joinery(*given, "--expires", "2001-01-01") == 1
    assert joinery(*given, "--expires", "30", "--label", "A report") == 0
    made = joinery.out.strip().splitlines()[-1]

    found = joinery.json("token", "list", tenant, "--user", email)[0]
    assert (found["label"], found["scopes"], found["used_at"]) == ("A report", "read", None)
    assert found["ends_at"] is not None
    assert made.startswith(found["start"])
    assert made not in joinery.out

    assert joinery("token", "revoke", tenant, found["start"]) == 0
    assert found["start"] not in [each["start"] for each in joinery.json("token", "list", tenant)]
    assert joinery("token", "revoke", tenant, found["start"]) == 1
    assert joinery("token", "revoke", tenant, "j") == 1


def test_a_person_is_barred_let_in_again_and_handed_a_link(joinery: Terminal, tenant: str) -> None:
    email = f"{uuid4().hex}@example.com"
    joinery("user", "add", email, "--tenant", tenant)
    assert joinery("user", "disable", email) == 0
    assert joinery("user", "enable", email) == 0
    assert joinery("user", "lost", email) == 0

    assert joinery("user", "reset", email, "--link") == 0
    assert joinery.out.startswith("/sign-in/letter/")
    assert joinery("user", "reset", "who@example.com", "--link") == 1


def test_a_tenant_says_whom_it_asks_for_two_proofs(joinery: Terminal, tenant: str) -> None:
    assert joinery("tenant", "proofs", tenant, "--role", "nothing") == 1
    assert joinery("tenant", "proofs", tenant, "--everybody", "--nobody") == 64
    for given, said in (
        (("--role", "administrator"), "administrator"),
        (("--everybody",), "everybody"),
        ((), "everybody"),
        (("--nobody",), "nobody"),
    ):
        assert joinery("tenant", "proofs", tenant, *given) == 0
        assert said in joinery.out


def test_a_tenant_is_kept_from_writing_to_anybody(joinery: Terminal, tenant: str) -> None:
    for given, quiet in (((), True), (("--off",), False)):
        assert joinery("tenant", "quiet", tenant, *given) == 0
        assert joinery.json("tenant", "show", tenant)["quiet"] is quiet
    assert joinery("tenant", "quiet", "nowhere") == 1


def test_computed_values_of_a_new_tenant_are_what_they_must_be(
    joinery: Terminal, tenant: str
) -> None:
    assert joinery.json("recompute", tenant, "--check") == []


def test_an_entity_that_is_not_there_is_told_with_those_that_are(
    joinery: Terminal, tenant: str, tmp_path: Path
) -> None:
    rows = tmp_path / "rows.csv"
    rows.write_text("name\nA\n", encoding="utf-8")

    assert joinery("import", tenant, "nope", str(rows)) == 1
    assert f"{tenant} has no entity 'nope': it has" in joinery.err
    assert "note" in joinery.err


def test_what_is_imported_is_exported_and_what_is_rejected_is_kept(
    joinery: Terminal, tenant: str, tmp_path: Path
) -> None:
    rows, rejects, out = (tmp_path / name for name in ("rows.csv", "rejects.csv", "out.jsonl"))
    rows.write_text("name\n一\n二\n" + "x" * 1_001 + "\n", encoding="utf-8")

    refused = joinery("import", tenant, "note", str(rows), "--rejects", str(rejects))
    exported = joinery("export", tenant, "note", "--format", "jsonl", "--out", str(out))

    assert (refused, exported) == (1, 0)
    assert rejects.read_text("utf-8-sig").splitlines()[0] == "line,errors,name"
    told = [json.loads(line)["name"] for line in out.read_text("utf-8").splitlines()]
    assert sorted(told) == ["一", "二"]


def test_a_port_in_use_is_named_with_what_to_do(joinery: Terminal) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        assert joinery("serve", "--port", str(port)) == 1

    assert f"Port {port} on 127.0.0.1 is in use" in joinery.err


def test_a_database_that_is_down_is_named_without_its_password(joinery: Terminal) -> None:
    address = "postgresql://somebody:secret@127.0.0.1:1/joinery"

    assert joinery("tenant", "list", "--database", address) == 1
    assert "127.0.0.1:1/joinery does not answer" in joinery.err
    assert "secret" not in joinery.err


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("mysql://localhost/x", "works on PostgreSQL"),
        ("nonsense", "cannot be read"),
        ("postgresql://postgres@[::1/x", "cannot be read"),
    ],
)
def test_an_address_that_means_nothing_is_refused(
    joinery: Terminal, address: str, said: str
) -> None:
    assert joinery("tenant", "list", "--database", address) == 1
    assert said in joinery.err


def test_a_database_that_was_not_prepared_is_told_how(joinery: Terminal, database_url: URL) -> None:
    address = database_url.render_as_string(hide_password=False)

    assert joinery("tenant", "list", "--database", address) == 1
    assert "joinery init" in joinery.err


def test_the_doctor_finds_a_prepared_installation_well(joinery: Terminal) -> None:
    report = joinery.json("doctor")

    assert isinstance(report, dict)
    assert report["problems"] == []
    assert report["embedded server"] == "not used"


def test_the_template_that_comes_along_is_valid_and_bundles_to_itself(
    joinery: Terminal, tmp_path: Path
) -> None:
    assert joinery("template", "check", "crm") == 0
    assert "is valid" in joinery.out
    assert joinery("template", "bundle", "crm") == 0
    bundled = tmp_path / "bundle.yaml"
    bundled.write_text(joinery.out, encoding="utf-8")
    assert joinery("template", "diff", "crm", str(bundled)) == 0
