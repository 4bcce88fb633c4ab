"""A cursor over the merged document: values by name, and problems that know their place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from metamodel.identity import first_name, former_names
from metamodel.label import Label
from metamodel.layers import Merged
from metamodel.problems import Problem
from metamodel.references import Reference
from metamodel.source import Names


@dataclass(frozen=True, slots=True)
class Node:
    """One element of the merged document.

    Reading never fails: what has the wrong shape was reported by the schema already,
    and reads as if it were not there.
    """

    merged: Merged
    path: Names
    value: object

    @property
    def name(self) -> str:
        return self.path[-1] if self.path else ""

    @property
    def key(self) -> str:
        """The element's identity: `key`, else the name it was first written under."""
        return self.text("key") or first_name(self.value) or self.name

    @property
    def former(self) -> set[str]:
        """The names this element had before."""
        return former_names(self.value)

    @property
    def retired(self) -> bool:
        return self.flag("$retire")

    @property
    def purged(self) -> bool:
        """Whether the element is retired and its data was deleted for good."""
        return self.retired and self.flag("purged")

    @property
    def built_in(self) -> bool:
        """Whether the layer under every app has this element."""
        return (*self.path[:-1], self.key) in self.merged.builtin

    def __contains__(self, name: str) -> bool:
        return isinstance(self.value, Mapping) and self.value.get(name) is not None

    def get(self, name: str) -> object:
        """Return the plain value under a name, or None."""
        return self.value.get(name) if isinstance(self.value, Mapping) else None

    def child(self, name: str) -> Node:
        """Return the element under a name; it is empty where nothing was written."""
        return Node(self.merged, (*self.path, name), self.get(name))

    def down(self, *names: str) -> Node:
        """Return the element below several names."""
        node = self
        for name in names:
            node = node.child(name)
        return node

    def items(self) -> Iterator[Node]:
        """Yield the named elements in order, retired ones included."""
        if isinstance(self.value, Mapping):
            for name, value in self.value.items():
                if not name.startswith("$"):
                    yield Node(self.merged, (*self.path, name), value)

    def live(self) -> Iterator[Node]:
        """Yield the named elements that are not retired."""
        return (node for node in self.items() if not node.retired)

    def text(self, name: str, default: str = "") -> str:
        """Return a text; a number reads as it was written."""
        value = self.get(name)
        if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
            return str(value)
        return value if isinstance(value, str) else default

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a boolean."""
        value = self.get(name)
        return value if isinstance(value, bool) else default

    def whole(self, name: str) -> int | None:
        """Return a whole number, or None."""
        value = self.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def names(self, name: str) -> tuple[str, ...]:
        """Return a list of texts; a single text is a list of one."""
        value = self.get(name)
        if isinstance(value, str):
            return (value,)
        return tuple(str(item) for item in value) if isinstance(value, list) else ()

    def label(self, name: str = "label") -> Label:
        """Return a text by language; a bare text holds for all languages."""
        value = self.get(name)
        if isinstance(value, str):
            return Label({"": value})
        if isinstance(value, Mapping):
            return Label({str(k): str(v) for k, v in value.items() if not str(k).startswith("$")})
        return Label()

    def refer(self, text: str, *to: str, at: str = "") -> None:
        """Note that this element, or what stands under `at`, names an element by its keys."""
        if self.merged.references is not None:
            path = (*self.path, at) if at else self.path
            named = Reference(path, text, to, key=not at and text == self.name)
            self.merged.references.append(named)

    def report(self, code: str, sentence: str, hint: str = "", *, at: str = "") -> None:
        """Note a problem with this element, or with what stands under `at` in it."""
        path = (*self.path, at) if at else self.path
        self.merged.problems.append(Problem(code, self.merged.place(path), sentence, hint))
