"""The libraries that the project stands on do real work: no path goes around them."""

from __future__ import annotations

import ast

import pytest

from tests.architecture.source import product

GATES = {
    "jsonschema": ("metamodel/structure.py", "metamodel/fieldtypes/shapes.py"),
    "simpleeval": ("formula/backends/",),
    "marshmallow": ("engine/values/", "engine/exchange/", "ui/blueprints/api/"),
    "yaml": ("metamodel/source.py", "engine/exchange/mapping.py"),
}


def imported(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


@pytest.mark.parametrize("library", GATES)
def test_each_library_is_used_in_its_place_and_nowhere_else(library: str) -> None:
    users = [module.path for module in product() if library in imported(module.tree)]

    assert users, f"nothing uses {library}"
    assert all(path.startswith(GATES[library]) for path in users), users


@pytest.mark.parametrize("name", ["eval", "exec", "compile"])
def test_nothing_evaluates_python(name: str) -> None:
    for module in product():
        calls = [
            node.lineno
            for node in ast.walk(module.tree)
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == name
        ]
        assert calls == [], f"{module.path}:{calls}"
