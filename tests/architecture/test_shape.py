"""How the code is cut: small modules, small functions, rooms that import only downwards."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import EVERYTHING, PRODUCT, ROOMS, ROOT, Function, Module

LONGEST_MODULE = 400
LONGEST_FUNCTION = 40
MOST_PARAMETERS = 6
MOST_METHODS = 15
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|NotImplementedError")
VAGUE = re.compile(r"(Manager|Handler|Helper|Utils?)$|^(utils?|helpers?|common|misc)$")

each_module = pytest.mark.parametrize("module", PRODUCT, ids=lambda module: module.path)
each_file = pytest.mark.parametrize("module", EVERYTHING, ids=lambda module: module.path)


def own_lines(function: Function) -> int:
    """Return how long a function is without those inside it, which are judged by themselves."""
    inner = [node for node in ast.walk(function) if isinstance(node, Function)]
    within = [lines_of(node) for node in inner if node is not function]
    return len(lines_of(function).difference(*within))


def lines_of(function: Function) -> set[int]:
    """Return the numbers of a function's lines."""
    return set(range(function.lineno, (function.end_lineno or 0) + 1))


def test_rooms_import_only_downwards() -> None:
    checker = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([checker, "--no-cache"], cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout


@each_file
def test_a_module_is_one_short_idea_that_says_what_it_is(module: Module) -> None:
    assert len(module.text.splitlines()) <= LONGEST_MODULE
    assert ast.get_docstring(module.tree) or not module.text.strip()


@each_module
def test_functions_are_short_and_take_few_things(module: Module) -> None:
    for function in module.functions():
        lines = own_lines(function)
        taken = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
        plain = [each.arg for each in taken if each.arg not in {"self", "cls", "ctx"}]
        commanded = any("option" in ast.dump(each) for each in function.decorator_list)

        assert lines <= LONGEST_FUNCTION, f"{function.name} has {lines} lines"
        assert commanded or len(plain) <= MOST_PARAMETERS, f"{function.name} takes {plain}"


@each_module
def test_classes_have_few_methods(module: Module) -> None:
    for each in module.classes():
        methods = [
            node
            for node in each.body
            if isinstance(node, ast.FunctionDef)
            and not node.decorator_list
            and not node.name.startswith("__")
        ]
        assert len(methods) <= MOST_METHODS, f"{each.name} has {len(methods)} methods"


@each_module
def test_public_names_say_what_they_are(module: Module) -> None:
    silent = [
        node.name
        for node in module.tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]

    assert silent == []


@each_file
def test_nothing_is_left_unfinished(module: Module) -> None:
    if module.path == "tests/architecture/test_shape.py":
        return
    assert not UNFINISHED.search(module.text)


@each_module
def test_names_say_something(module: Module) -> None:
    assert not VAGUE.search(Path(module.path).stem)
    assert [each.name for each in module.classes() if VAGUE.search(each.name)] == []


@each_module
def test_imports_are_absolute_and_at_the_top(module: Module) -> None:
    for function in module.functions():
        hidden = [n for n in ast.walk(function) if isinstance(n, ast.Import | ast.ImportFrom)]
        assert hidden == [], f"{function.name} imports inside"
    relative = [n for n in ast.walk(module.tree) if isinstance(n, ast.ImportFrom) and n.level]
    assert relative == []


def test_the_formula_room_does_no_input_or_output() -> None:
    barred = {"os", "io", "pathlib", "socket", "sqlite3", "psycopg", "requests", "random", "time"}
    for module in (each for each in PRODUCT if each.path.startswith("formula/")):
        for node in ast.walk(module.tree):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not barred & {name.partition(".")[0] for name in names}, module.path


def test_screens_alone_know_flask() -> None:
    for room in set(ROOMS) - {"ui", "boot"}:
        for module in (each for each in PRODUCT if each.path.startswith(f"{room}/")):
            assert "flask" not in module.text, module.path


def test_tests_have_no_packages_that_would_hide_the_rooms() -> None:
    assert list((ROOT / "tests").rglob("__init__.py")) == []
