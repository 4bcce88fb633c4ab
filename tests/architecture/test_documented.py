"""The reference is whole: nothing can be set, typed or met that it does not say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields

import click
import pytest

from boot.cli.main import joinery
from boot.settings import Settings
from tests.architecture.source import ROOT, product

REFERENCE = ROOT / "docs" / "reference"
COMMAND_LINE = (REFERENCE / "command-line.md").read_text(encoding="utf-8")
SETTINGS = (REFERENCE / "settings.md").read_text(encoding="utf-8")
SHARED = {"--database", "--home", "--help", "-h"}
WORKPLACE = re.compile(r"/work/|/root/|/opt/|/tmp/")


def commands(group: click.Group, above: str = "joinery") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        path = f"{above} {name}"
        if isinstance(command, click.Group):
            yield from commands(command, path)
        else:
            yield path, command


@pytest.mark.parametrize(("path", "command"), tuple(commands(joinery)), ids=lambda each: str(each))
def test_every_command_is_documented_with_its_options(path: str, command: click.Command) -> None:
    row = re.search(rf"^\| `{path}\b.*$", COMMAND_LINE, re.MULTILINE)

    assert row, f"{path} is not documented"
    for option in (each for each in command.params if isinstance(each, click.Option)):
        names = set(option.opts) - SHARED
        assert not names or any(name in row[0] for name in names), option.opts


def test_every_documented_command_is_there() -> None:
    documented = set(
        re.findall(r"^\| `(joinery (?:[a-z]+(?:-[a-z]+)* ?)+)", COMMAND_LINE, re.MULTILINE)
    )

    assert {each.strip() for each in documented} == {path for path, _ in commands(joinery)}


@pytest.mark.parametrize("name", [each.name for each in fields(Settings)])
def test_every_setting_is_documented_with_its_variable(name: str) -> None:
    assert f"| `{name}` |" in SETTINGS
    assert f"`JOINERY_{name.upper()}`" in SETTINGS


def test_every_variable_that_the_product_reads_is_documented() -> None:
    read = {
        found
        for module in product()
        for found in re.findall(r'env(?:iron)?(?:\.get\(|\[)"(JOINERY_[A-Z_]+)"', module.text)
    }

    assert [name for name in sorted(read) if f"`{name}`" not in SETTINGS] == []


def test_links_between_pages_lead_somewhere() -> None:
    for page in (*(ROOT / "docs").rglob("*.md"), ROOT / "README.md"):
        text = page.read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#:]+)\)", text):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_nothing_names_the_place_where_it_was_written() -> None:
    pages = [*(ROOT / "docs").rglob("*.md"), ROOT / "README.md", ROOT / "CHANGELOG.md"]
    for page in (*pages, ROOT / "Makefile"):
        assert not WORKPLACE.search(page.read_text(encoding="utf-8")), page
