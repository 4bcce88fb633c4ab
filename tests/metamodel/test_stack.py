"""Apps that extend others, and manifests that include files: circles and gaps are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from metamodel import DefinitionInvalid, Problem, bundle, diff, load, read_app, read_text
from metamodel.loader import MAX_FILES
from metamodel.stack import beside, read_stack

BASE = """format: 1
app: {name: base, label: Base}
entities: {a: {label: A, fields: {x: {type: text}}}}
"""


def _app(folder: Path, name: str, extends: str, rest: str = "") -> Path:
    path = folder / f"{name}.yaml"
    app = f"app: {{name: {name}, label: {name}, extends: {extends}, kind: industry}}\n"
    path.write_text(f"format: 1\n{app}{rest}", "utf-8")
    return path


def _problems(path: Path) -> list[Problem]:
    with pytest.raises(DefinitionInvalid) as raised:
        load(read_stack(path, beside))
    return list(raised.value.problems)


def test_an_app_stands_on_the_one_it_extends(tmp_path: Path) -> None:
    (tmp_path / "base_template.yaml").write_text(BASE, "utf-8")
    _app(tmp_path, "middle", "base", "entities: {a: {fields: {y: {type: text}}}}")
    top = _app(tmp_path, "top", "middle", "entities: {a: {fields: {x: {required: true}}}}")

    layers = read_stack(top, beside)
    model = load(layers)

    assert [layer.name for layer in layers] == ["base", "middle", "top"]
    fields = model.entities["a"].fields
    assert fields["x"].required
    assert "y" in fields
    assert model.app.name == "top"


def test_a_bundle_of_an_app_needs_no_other(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(BASE, "utf-8")
    layers = read_stack(_app(tmp_path, "top", "base"), beside)

    again = load([read_text(bundle(layers), "bundle.yaml")])

    changed = [each.path for each in diff(load(layers), again).differences]
    assert changed == [("app",)]
    assert again.app.extends == ""


def test_an_app_that_is_not_there_is_told_where_it_is_named(tmp_path: Path) -> None:
    (problem,) = _problems(_app(tmp_path, "top", "nothing"))

    assert problem.code == "unknown_app"
    assert (problem.place.line, problem.place.path) == (2, ("app", "extends"))


def test_apps_that_extend_each_other_show_their_circle(tmp_path: Path) -> None:
    _app(tmp_path, "one", "two")
    _app(tmp_path, "two", "three")
    _app(tmp_path, "three", "one")

    (problem,) = _problems(tmp_path / "one.yaml")

    assert problem.code == "extends_cycle"
    assert "one.yaml → two.yaml → three.yaml → one.yaml" in problem.sentence


def test_an_app_that_extends_itself_is_a_circle(tmp_path: Path) -> None:
    (problem,) = _problems(_app(tmp_path, "one", "one"))

    assert problem.code == "extends_cycle"


def test_a_manifest_that_matches_its_own_pattern_is_read_once(tmp_path: Path) -> None:
    manifest = tmp_path / "app.yaml"
    manifest.write_text(BASE + "include: ['*.yaml']\n", "utf-8")
    (tmp_path / "more.yaml").write_text("settings: {s: {type: text}}\n", "utf-8")

    assert "s" in load([read_app(manifest)]).settings


def test_an_included_file_includes_no_others(tmp_path: Path) -> None:
    manifest = tmp_path / "app.yaml"
    manifest.write_text(BASE + "include: [part.yaml]\n", "utf-8")
    (tmp_path / "part.yaml").write_text("include: [app.yaml]\n", "utf-8")

    (problem,) = _problems(manifest)

    assert (problem.code, problem.place.file) == ("include_again", "part.yaml")


@pytest.mark.parametrize("pattern", ["''", "nothing/*.yaml", "'[x'"])
def test_a_pattern_that_names_nothing_is_one_problem(tmp_path: Path, pattern: str) -> None:
    manifest = tmp_path / "app.yaml"
    manifest.write_text(f"{BASE}include: [{pattern}]\n", "utf-8")

    assert [problem.code for problem in _problems(manifest)] == ["include_missing"]


def test_more_files_than_an_app_has_are_not_read(tmp_path: Path) -> None:
    manifest = tmp_path / "app.yaml"
    manifest.write_text(BASE + "include: ['parts/*.yaml', 'parts/*.yml']\n", "utf-8")
    (tmp_path / "parts").mkdir()
    for number in range(MAX_FILES + 5):
        (tmp_path / "parts" / f"{number}.yaml").write_text("", "utf-8")

    assert [problem.code for problem in _problems(manifest)] == ["too_many_files"]
