"""What a template may consist of: text, values, a few filters, conditions and loops.

There is no call, no assignment, no macro, no import and no power: nothing that a template could
reach past its values with, and nothing that doubles.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from jinja2 import nodes

from engine.texts.errors import TemplateRefused

DEEPEST = 40
"""Levels of blocks and expressions within each other."""

TESTS = frozenset({"defined", "none", "odd", "even", "in"})

LOOP = frozenset({"index", "index0", "first", "last", "length"})
"""What a loop tells of itself."""

ALLOWED: tuple[type[nodes.Node], ...] = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.For,
    nodes.Name, nodes.Const, nodes.Tuple, nodes.List, nodes.Getattr, nodes.Getitem,
    nodes.Filter, nodes.Test, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not,
    nodes.CondExpr, nodes.Concat, nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.Neg, nodes.Pos,
)  # fmt: skip
"""Kinds of nodes; whatever else the language has, or will have, is not there."""

SAID: Mapping[type[nodes.Node], str] = MappingProxyType({
    nodes.Call: "(…)", nodes.Assign: "set", nodes.AssignBlock: "set", nodes.Include: "include",
    nodes.Import: "import", nodes.FromImport: "import", nodes.Extends: "extends",
    nodes.Macro: "macro", nodes.Block: "block", nodes.CallBlock: "call", nodes.Pow: "**",
    nodes.Mod: "%", nodes.FloorDiv: "//", nodes.Dict: "{…}", nodes.Slice: "[:]",
    nodes.FilterBlock: "filter", nodes.With: "with",
})  # fmt: skip
"""How what is most often tried is written in a template."""

COUNTED = "counted items"
"""The filter put around what a loop goes through: no template can write a name with a blank."""


def checked(tree: nodes.Template, filters: frozenset[str]) -> nodes.Template:
    """Return the tree with its loops counted; raise `TemplateRefused` for what is not allowed."""
    for node, depth in _all(tree):
        if depth > DEEPEST:
            raise TemplateRefused("template_limit", limit="depth", max=DEEPEST)
        if not isinstance(node, ALLOWED):
            found = SAID.get(type(node), type(node).__name__.lower())
            raise _forbidden(node, found)
        if isinstance(node, nodes.Filter):
            _check_filter(node, filters)
        if isinstance(node, nodes.Test) and node.name not in TESTS:
            raise _forbidden(node, f"is {node.name}")
        if isinstance(node, nodes.Name) and node.name.startswith("_"):
            raise _forbidden(node, node.name)
    for loop in list(tree.find_all(nodes.For)):
        if loop.recursive:
            raise _forbidden(loop, "recursive")
        loop.iter = nodes.Filter(loop.iter, COUNTED, [], [], None, None, lineno=loop.lineno)
    return tree


def _check_filter(node: nodes.Filter, filters: frozenset[str]) -> None:
    if node.name not in filters:
        raise _forbidden(node, f"| {node.name}")
    if node.kwargs or node.dyn_args or node.dyn_kwargs:
        raise _forbidden(node, f"| {node.name}(…=…)")


def _all(tree: nodes.Node) -> Iterator[tuple[nodes.Node, int]]:
    """Yield every node with its depth; no recursion, whatever the tree is like."""
    waiting = [(tree, 0)]
    while waiting:
        node, depth = waiting.pop()
        yield node, depth
        waiting.extend((child, depth + 1) for child in node.iter_child_nodes())


def _forbidden(node: nodes.Node, found: str) -> TemplateRefused:
    return TemplateRefused("template_forbidden", line=node.lineno, found=found)
