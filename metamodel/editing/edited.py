"""Edits made of what an application is, and left behind as the tenant's smallest layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from metamodel.editing.document import Published, at, counterpart, edited_document, present, put
from metamodel.editing.operations import Edit, Path
from metamodel.editing.screens import (
    Statements,
    edited_screen,
    generated,
    is_partial,
    statements,
    without_partial,
)
from metamodel.editing.smallest import smallest
from metamodel.edits import Document
from metamodel.layers import SCREENS, Layer, Merged, merge, put_over
from metamodel.linker import link
from metamodel.loader import builtin_layer

OWN = "tenant"
"""What the tenant's own layer is called in problems."""


def edited(
    below: Sequence[Layer],
    own: Mapping[str, object],
    edits: Sequence[Edit],
    *,
    published: Mapping[str, object] | None = None,
) -> Document:
    """Return the tenant's smallest layer after edits, made in order.

    `below` are the layers under it, the lowest first; `published` is the layer as it serves
    now (by default `own`): what only a draft has goes for good when it is retired. Raises
    `DefinitionInvalid` where an edit cannot be done; what the layer then means is for `load`.
    """
    stack = (builtin_layer(), *below)
    base = merge(stack).document
    state = _State.of(stack, base, own)
    serving = state.wanted if published is None else put_over(base, Layer(OWN, published))
    for edit in edits:
        state = state.after(edit, _known(serving))
    return state.layer()


def minimal_layer(below: Sequence[Layer], own: Mapping[str, object]) -> Document:
    """Return the smallest layer that says the same as `own` over the layers below."""
    return edited(below, own, ())


@dataclass(frozen=True, slots=True)
class _State:
    """What is wanted, as a merged document, and what is said of screens that are generated."""

    stack: tuple[Layer, ...]
    base: Document
    wanted: Document
    screens: Statements

    @classmethod
    def of(cls, stack: tuple[Layer, ...], base: Document, own: Mapping[str, object]) -> _State:
        wanted = put_over(base, Layer(OWN, own))
        return cls(stack, base, wanted, statements(wanted, own))

    def after(self, edit: Edit, published: Published) -> _State:
        screen = _screen(present(self.wanted, edit.path))
        if screen and not at(self.wanted, screen):
            return self._begun(screen).after(edit, published)
        if screen and is_partial(self.wanted, screen):
            merged = _merged(self.stack, self.layer())
            screens = edited_screen(self.base, merged, self.screens, edit, published)
            return replace(self, screens=screens)
        return replace(self, wanted=edited_document(self.base, self.wanted, edit, published))

    def _begun(self, screen: Path) -> _State:
        """Begin to say something of a screen that nobody wrote so far."""
        if at(self.base, counterpart(self.base, self.wanted, screen[:2])) is not None:
            return replace(self, wanted=put(self.wanted, screen, {"generated": True}))
        model = link(_merged(self.stack, self.layer()))
        return replace(self, wanted=put(self.wanted, screen, generated(model, screen)[1]))

    def layer(self) -> Document:
        """Return the smallest layer that says all this."""
        said = smallest(without_partial(self.base), without_partial(self.wanted))
        return self.screens.over(said)


def _screen(path: Path) -> Path:
    """Return the form or view that a path leads to, or into; blank for none."""
    if len(path) < 4 or path[0] != "entities" or path[2] not in SCREENS:
        return ()
    return path[:4]


def _merged(stack: Sequence[Layer], own: Mapping[str, object]) -> Merged:
    return merge([*stack, Layer(OWN, own)])


def _known(serving: Mapping[str, object]) -> Published:
    return lambda document, path: at(serving, counterpart(serving, document, path)) is not None
