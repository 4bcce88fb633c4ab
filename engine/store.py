"""Which model each tenant runs on: published revisions in, compiled models out."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Lock
from typing import NamedTuple
from weakref import WeakValueDictionary

from engine.compiled import CompiledModel, compile_model
from engine.context import Tenant
from engine.database import Database
from engine.schema.revisions import Document, documents_of, newest
from engine.schema.tables import Tables
from metamodel import Layer, load, read_text
from metamodel.cache import ModelCache
from metamodel.linking.memory import Memory
from metamodel.model import Model

LAYERS = 12
"""How many documents stay read: a template takes half a second, and is asked for often."""


class Published(NamedTuple):
    """The model that a tenant runs on, and the number it was published under."""

    compiled: CompiledModel
    revision: int


Models = OrderedDict[tuple[str, ...], CompiledModel]
"""Compiled models by the digests of their documents, the least recently used first."""

REMEMBERED = 4
"""Over how many templates it is remembered what was linked: the same edits go to few of them."""

PASSING = 8
"""How many models of drafts are kept: each is a model of its own, and is left soon."""


@dataclass(slots=True)
class _Lately:
    """What was linked, and declared as tables, over some documents last."""

    memory: Memory = field(default_factory=Memory)
    tables: Tables | None = None


class ModelStore:
    """Compiled models by what they were linked from, so that alike tenants share one.

    `cache` keeps published models linked over a restart; without one each is linked anew.

    Every request asks which revision is published: one indexed read is what keeps all
    processes on the same model without telling each other anything.
    """

    def __init__(
        self, database: Database, *, cache: ModelCache | None = None, kept: int = 200
    ) -> None:
        self._database = database
        self._cache = cache
        self._kept = kept
        self._models: Models = OrderedDict()
        self._passing: Models = OrderedDict()
        self._lately: OrderedDict[tuple[str, ...], _Lately] = OrderedDict()
        self._lock = Lock()
        self._making: WeakValueDictionary[tuple[str, ...], Lock] = WeakValueDictionary()

    def current(self, tenant: Tenant) -> Published:
        """Return the tenant's published model; loaded when this process meets it first."""
        with self._database.reading_tenant(tenant) as connection:
            number, digests = newest(connection, tenant)
            found = self._found(digests, self._models)
            documents = documents_of(connection, digests) if found is None else ()
        return Published(found or self._linked(digests, documents), number)

    def known(self, number: int, digests: tuple[str, ...]) -> Published | None:
        """Return a revision whose number and documents were just read, if it is compiled here."""
        found = self._found(digests, self._models)
        return None if found is None else Published(found, number)

    def compiled(self, documents: Sequence[Document], *, passing: bool = False) -> CompiledModel:
        """Return the model of documents, the lowest layer first; raises `DefinitionInvalid`.

        A `passing` one, such as a draft between two edits, is not kept over a restart.
        """
        digests = tuple(document.digest for document in documents)
        found = self._found(digests, self._models)
        if found is None and passing:
            found = self._found(digests, self._passing) or self._keep(
                self._passing, digests, self._drafted(documents), PASSING
            )
        return found or self._linked(digests, documents)

    def _linked(self, digests: tuple[str, ...], documents: Sequence[Document]) -> CompiledModel:
        """Return the model of documents, from the cache if it has been linked before.

        Whoever asks for one that another thread is making waits for it: right after a publish
        everybody asks at once, and each of them making it would make all of them slow.
        """
        with self._lock:
            making = self._making.setdefault(digests, Lock())
        with making:
            made = self._found(digests, self._models)
            if made is not None:
                return made
            lately = self._over(digests[:-1])
            made = compile_model(self._read(digests, documents), like=lately.tables)
            lately.tables = made.tables
            return self._keep(self._models, digests, made, self._kept)

    def _drafted(self, documents: Sequence[Document]) -> CompiledModel:
        like = self._over(tuple(each.digest for each in documents[:-1])).tables
        return compile_model(self._made(documents), now=False, like=like)

    def _read(self, digests: tuple[str, ...], documents: Sequence[Document]) -> Model:
        """Return the model of documents as it was kept, or drafted, else linked now."""
        model = self._cache.get(digests) if self._cache is not None else None
        if model is None:
            drafted = self._found(digests, self._passing)
            model = self._made(documents) if drafted is None else drafted.model
            if self._cache is not None:
                self._cache.put(digests, model)
        return model

    def _made(self, documents: Sequence[Document]) -> Model:
        return model_of(documents, self.memory(documents[:-1]))

    def memory(self, below: Sequence[Document]) -> Memory:
        """Return what is remembered of linking over some documents, shared by all who do."""
        return self._over(tuple(document.digest for document in below)).memory

    def _over(self, digests: tuple[str, ...]) -> _Lately:
        with self._lock:
            found = self._lately.setdefault(digests, _Lately())
            self._lately.move_to_end(digests)
            while len(self._lately) > REMEMBERED:
                self._lately.popitem(last=False)
        return found

    def _keep(
        self, models: Models, digests: tuple[str, ...], made: CompiledModel, most: int
    ) -> CompiledModel:
        with self._lock:
            models[digests] = made
            while len(models) > most:
                models.popitem(last=False)
        return made

    def _found(self, digests: tuple[str, ...], models: Models) -> CompiledModel | None:
        with self._lock:
            found = models.get(digests)
            if found is not None:
                models.move_to_end(digests)
            return found


def model_of(documents: Sequence[Document], memory: Memory | None = None) -> Model:
    """Link documents into a model; with a memory only what changed since it was used."""
    return load(layers_of(documents), memory)


def layers_of(documents: Sequence[Document]) -> tuple[Layer, ...]:
    """Read documents as layers; a blank one says nothing and is left out."""
    return tuple(_layer(each) for each in documents if each.text.strip())


@lru_cache(maxsize=LAYERS)
def _layer(document: Document) -> Layer:
    """Read one document; the same text is read once, and what is read is never changed."""
    return read_text(document.text, document.name)
