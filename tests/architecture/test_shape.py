"""How the code is cut: small modules, small functions, rooms that import only downwards."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

from tests.architecture.source import ROOMS, ROOT, Function, everything, product

LONGEST_MODULE = 400
LONGEST_FUNCTION = 40
MOST_PARAMETERS = 6
MOST_METHODS = 15
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|NotImplementedError")
VAGUE = re.compile(r"(Manager|Handler|Helper|Utils?)$|^(utils?|helpers?|common|misc)$")


def own_lines(function: Function) -> int:
    """Return how long a function is without those inside it, which are judged by themselves."""
    inner = [node for node in ast.walk(function) if isinstance(node, Function)]
    within = [lines_of(node) for node in inner if node is not function]
    return len(lines_of(function).difference(*within))


def lines_of(function: Function) -> set[int]:
    """Return the numbers of a function's lines."""
    return set(range(function.lineno, (function.end_lineno or 0) + 1))


def taken(function: Function) -> int:
    """Return how many things a function takes, besides what all of its kind take."""
    of = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    return len([each for each in of if each.arg not in {"self", "cls", "ctx"}])


def methods(of: ast.ClassDef) -> int:
    """Return how many plain methods a class has."""
    return len(
        [
            node
            for node in of.body
            if isinstance(node, ast.FunctionDef)
            and not node.decorator_list
            and not node.name.startswith("__")
        ]
    )


def test_rooms_import_only_downwards() -> None:
    checker = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([checker, "--no-cache"], cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout


def test_a_module_is_one_short_idea_that_says_what_it_is() -> None:
    lengths = {each.path: len(each.text.splitlines()) for each in everything()}
    silent = [e.path for e in everything() if e.text.strip() and not ast.get_docstring(e.tree)]

    assert {path: lines for path, lines in lengths.items() if lines > LONGEST_MODULE} == {}
    assert silent == []


def test_functions_are_short() -> None:
    long = {
        f"{module.path}: {function.name}": own_lines(function)
        for module in product()
        for function in module.functions()
        if len(lines_of(function)) > LONGEST_FUNCTION < own_lines(function)
    }

    assert long == {}


def test_functions_take_few_things() -> None:
    many = [
        f"{module.path}: {function.name}"
        for module in product()
        for function in module.functions()
        if taken(function) > MOST_PARAMETERS
        and not any("option" in ast.dump(each) for each in function.decorator_list)
    ]

    assert many == []


def test_classes_have_few_methods() -> None:
    many = {
        f"{module.path}: {each.name}": methods(each)
        for module in product()
        for each in module.classes()
        if methods(each) > MOST_METHODS
    }

    assert many == {}


def test_public_names_say_what_they_are() -> None:
    silent = [
        f"{module.path}: {node.name}"
        for module in product()
        for node in module.tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]

    assert silent == []


def test_nothing_is_left_unfinished() -> None:
    itself = "tests/architecture/test_shape.py"

    assert [e.path for e in everything() if UNFINISHED.search(e.text) and e.path != itself] == []


def test_names_say_something() -> None:
    vague = [
        f"{module.path}: {name}"
        for module in product()
        for name in (Path(module.path).stem, *(each.name for each in module.classes()))
        if VAGUE.search(name)
    ]

    assert vague == []


def test_imports_are_absolute_and_at_the_top() -> None:
    hidden = [
        f"{module.path}: {function.name}"
        for module in product()
        for function in module.functions()
        if any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(function))
    ]
    relative = [
        module.path
        for module in product()
        if any(isinstance(n, ast.ImportFrom) and n.level for n in ast.walk(module.tree))
    ]

    assert hidden == []
    assert relative == []


def test_the_formula_room_does_no_input_or_output() -> None:
    barred = {"os", "io", "pathlib", "socket", "sqlite3", "psycopg", "requests", "random", "time"}
    for module in (each for each in product() if each.path.startswith("formula/")):
        for node in ast.walk(module.tree):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not barred & {name.partition(".")[0] for name in names}, module.path


def test_screens_alone_know_flask() -> None:
    for room in set(ROOMS) - {"ui", "boot"}:
        for module in (each for each in product() if each.path.startswith(f"{room}/")):
            assert "flask" not in module.text, module.path


def test_tests_have_no_packages_that_would_hide_the_rooms() -> None:
    assert list((ROOT / "tests").rglob("__init__.py")) == []
