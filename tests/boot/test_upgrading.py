"""P-38, P-29: templates that live for years: upgraded under tenants, cloned, made of tenants."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from boot.catalogue import template_layers
from metamodel import load, read_text
from metamodel.diff import diff
from tests.boot.conftest import Terminal

ONE = """
format: 1
app: {name: shop, label: Shop, version: "1"}
entities:
  note:
    label: Note
    title: name
    fields:
      name: {type: text, required: true}
      stars: {type: integer, label: Stars}
      old: {type: text}
"""
TWO = """
format: 1
app: {name: shop, label: Shop, version: "2"}
entities:
  note:
    label: Remark
    title: name
    fields:
      name: {type: text, required: true}
      points: {type: integer, label: Points, renamed_from: stars}
      due: {type: date}
scenarios:
  plain:
    label: A note needs a name alone
    today: 2026-03-02
    as: [administrator]
    steps: {note: {create: note, set: {name: A}, expect: {note: {points: null}}}}
"""
LAYERS = {
    "plain": "entities: {note: {fields: {shelf: {type: text}, stars: {help: Out of five}}}}",
    "meets": "entities: {note: {label: Card, fields: {old: {label: Kept}}}}",
    "strict": (
        "entities: {note: {rules: {rated: {refuse_when: 'ISBLANK(stars)', message: Rate it.}}}}"
    ),
}


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    """Both versions of an app, and the layers of tenants beside them."""
    for folder, text in (("one", ONE), ("two", TWO)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "shop.yaml").write_text(text, encoding="utf-8")
    for name, layer in LAYERS.items():
        (tmp_path / f"{name}.yaml").write_text(layer, encoding="utf-8")
    return str(tmp_path / "one" / "shop.yaml"), str(tmp_path / "two" / "shop.yaml")


@pytest.fixture
def tenants(joinery: Terminal, files: tuple[str, str], tmp_path: Path) -> Iterator[Terminal]:
    """A tenant for each layer, all on the first version."""
    for name in LAYERS:
        assert joinery("tenant", "create", name, "--template", files[0]) == 0, joinery.err
        assert joinery("apply", name, str(tmp_path / f"{name}.yaml")) == 0, joinery.err
    yield joinery
    for name in LAYERS:
        joinery("tenant", "delete", name, "--now", "--yes")


def test_all_tenants_are_upgraded_asked_or_left_where_they_were(
    tenants: Terminal, files: tuple[str, str]
) -> None:
    """One that is asked or stopped by a red scenario stays; a second run asks the rest again."""
    two = files[1]

    assert tenants("upgrade", "--all", "--template", two, "--json") == 1
    found = {each["tenant"]: each for each in json.loads(tenants.out)}

    assert {name: each["result"] for name, each in found.items()} == {
        "plain": "upgraded", "meets": "asked", "strict": "red",
    }  # fmt: skip
    assert found["strict"]["red"] == ["plain"]
    kinds = {".".join(each["path"]): each["kind"] for each in found["meets"]["questions"]}
    assert kinds == {
        "entities.note.label": "both_changed",
        "entities.note.fields.old": "removed_changed",
    }
    assert [_app(tenants, name) for name in LAYERS] == ["shop 2", "shop 1", "shop 1"]

    answers = ["--rule", "both_changed=theirs", "--answer", "entities.note.fields.old=ours"]
    assert tenants("upgrade", "meets", "--template", two, *answers) == 0, tenants.out
    assert tenants("upgrade", "strict", "--template", two, "--despite-red") == 0, tenants.out
    assert tenants("upgrade", "--all", "--template", two, "--json") == 0
    assert {each["result"] for each in json.loads(tenants.out)} == {"current"}


def test_an_upgrade_keeps_what_the_tenant_made_under_the_new_names(
    tenants: Terminal, files: tuple[str, str], tmp_path: Path
) -> None:
    assert tenants("upgrade", "plain", "--template", files[1], "--dry-run") == 0, tenants.out
    assert _app(tenants, "plain") == "shop 1"
    assert tenants("upgrade", "plain", "--template", files[1]) == 0, tenants.out

    assert tenants("template", "export", "plain", str(tmp_path / "own.yaml")) == 0
    layer = read_text((tmp_path / "own.yaml").read_text(encoding="utf-8"), "own")
    fields: Any = layer.document["entities"]
    assert fields["note"]["fields"]["points"] == {"help": "Out of five"}
    assert fields["note"]["fields"]["shelf"] == {"type": "text"}

    assert tenants("template", "export", "plain", str(tmp_path / "flat.yaml"), "--flat") == 0
    flat = load([read_text((tmp_path / "flat.yaml").read_text(encoding="utf-8"), "flat")])
    assert set(flat.entities["note"].fields) >= {"stars", "shelf", "due"}


def test_a_tenant_that_does_not_stand_on_the_template_is_refused(
    tenants: Terminal, tmp_path: Path
) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(TWO.replace("name: shop", "name: other"), encoding="utf-8")

    assert tenants("upgrade", "plain", "--template", str(other), "--json") == 1
    assert json.loads(tenants.out)["error"] == "not_found"
    assert tenants("upgrade", "--template", str(other)) == 64
    assert tenants("upgrade", "plain", "--template", str(other), "--rule", "often=theirs") == 64


PACK = """
format: 1
app: {name: labels, label: Labels, version: "1", kind: pack, extends: shop}
entities:
  mark:
    label: Mark
    title: name
    fields:
      name: {type: text, required: true}
starter_records:
  mark:
    first: {set: {name: First}}
    second: {set: {name: Second}}
"""


def test_a_pack_put_beside_an_app_plants_what_it_brings_along_once(
    joinery: Terminal, files: tuple[str, str], tmp_path: Path
) -> None:
    """P-29: the records are there that the plan told of; the pack again brings them not twice."""
    pack, rows = tmp_path / "one" / "labels.yaml", tmp_path / "marks.csv"
    pack.write_text(PACK, encoding="utf-8")
    assert joinery("tenant", "create", "packed", "--template", files[0]) == 0, joinery.err

    for _ in range(2):
        assert joinery("pack", "add", "packed", str(pack)) == 0, joinery.err
        assert joinery("export", "packed", "mark", "--out", str(rows)) == 0, joinery.err
        written = rows.read_text(encoding="utf-8-sig")
        assert (written.count("First"), written.count("Second")) == (1, 1), written
        assert joinery("pack", "drop", "packed", "labels", "--yes") == 0, joinery.err
    joinery("tenant", "delete", "packed", "--now", "--yes")


def _app(tenants: Terminal, name: str) -> str:
    facts: Any = tenants.json("tenant", "show", name)
    return str(facts["app"])


@pytest.mark.soak
def test_an_industry_app_is_cloned_and_made_of_a_tenant_that_has_a_pack(
    joinery: Terminal, tmp_path: Path
) -> None:
    """P-29: what a tenant changed becomes an app; a new tenant of it has the same model."""
    clone, made, own = (tmp_path / f"{name}.yaml" for name in ("pumps", "made", "own"))
    own.write_text(
        "entities: {customer: {label: {en: Plant}, fields: {depth: {type: integer}}}}",
        encoding="utf-8",
    )

    assert joinery("template", "clone", "crm", str(clone), "--label", "Pumps") == 0, joinery.err
    assert joinery("template", "check", str(clone)) == 0, joinery.err
    assert joinery("template", "clone", "crm", str(clone)) == 1
    assert "is there already" in joinery.err
    assert joinery("tenant", "create", "wells", "--template", "crm", "--pack", "stock") == 0
    assert joinery("apply", "wells", str(own), "--yes") == 0, joinery.err
    assert joinery("template", "from-tenant", "wells", str(made)) == 0, joinery.err
    assert joinery("template", "export", "wells", str(tmp_path / "flat.yaml"), "--flat") == 0

    app, flat = (load(template_layers(str(tmp_path / f"{n}.yaml"))) for n in ("made", "flat"))
    assert app.app.extends == "crm"
    assert {"depth", "open_tickets"} <= set(app.entities["customer"].fields)
    assert "on_hand" in app.entities["product"].fields
    assert not [each for each in diff(app, flat).differences if each.path[0] not in ("app", "menu")]
    assert joinery("pack", "drop", "wells", "projects") == 1
    assert joinery("tenant", "delete", "wells", "--now", "--yes") == 0
