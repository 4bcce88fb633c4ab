"""The project's own source, as the architecture tests read it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

ROOMS = ("formula", "metamodel", "engine", "workflow", "ui", "boot")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Module:
    """One file of Python: its path from the root, its text and its tree."""

    path: str
    text: str
    tree: ast.Module

    def functions(self) -> Iterator[Function]:
        """Yield every function and method, nested ones included."""
        return (node for node in ast.walk(self.tree) if isinstance(node, Function))

    def classes(self) -> Iterator[ast.ClassDef]:
        """Yield every class."""
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.ClassDef))


@cache
def modules(*rooms: str) -> tuple[Module, ...]:
    """Return the modules of the rooms, in order of their paths."""
    return tuple(
        Module(str(path.relative_to(ROOT)), text, ast.parse(text))
        for room in rooms
        for path in sorted((ROOT / room).rglob("*.py"))
        if "node_modules" not in path.parts
        for text in (path.read_text(encoding="utf-8"),)
    )


def product() -> tuple[Module, ...]:
    """Return the modules of the product."""
    return modules(*ROOMS)


def everything() -> tuple[Module, ...]:
    """Return the product's modules and those that test, measure and fill it."""
    return product() + modules("tests", "bench", "apps")
