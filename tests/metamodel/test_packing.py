"""A linked model as bytes, and in a folder: what comes back is what went in, or nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

from bench.bundles import app_of
from metamodel import Layer, Model, diff, load, read_text
from metamodel.cache import DIGEST, KEPT, ModelCache
from metamodel.packing import Packed, pack, unpack

FLOWS = Path(__file__).parent / "apps/flows.yaml"


@pytest.fixture(scope="module")
def model(shop_layer: Layer) -> Model:
    return load([shop_layer, read_text(FLOWS.read_text("utf-8"), "flows.yaml")])


@pytest.fixture
def cache(tmp_path: Path) -> ModelCache:
    return ModelCache(tmp_path / "models")


def _parts(value: object, seen: set[int]) -> Iterator[object]:
    """Yield every part of a value once, by identity."""
    if id(value) in seen:
        return
    seen.add(id(value))
    yield value
    if isinstance(value, Packed):
        return
    inner: list[object] = []
    if is_dataclass(value):
        inner = [getattr(value, each.name) for each in fields(value)]
    elif isinstance(value, dict):
        inner = [*value, *value.values()]
    elif isinstance(value, tuple):
        inner = list(value)
    for part in inner:
        yield from _parts(part, seen)


def test_a_model_comes_back_as_it_went(model: Model) -> None:
    back = unpack(pack(model))

    assert not diff(model, back)
    assert back.origins == model.origins
    assert back.source == model.source
    assert back.declared == model.declared


def test_what_few_ask_for_is_unpacked_when_it_is_read(model: Model) -> None:
    back = unpack(pack(model))

    late = [back.origins, back.source, back.entities["quote"].forms, back.entities["quote"].views]
    assert all(isinstance(each, Packed) for each in late)
    assert len(back.origins) == len(model.origins)
    assert list(back.entities["quote"].views) == list(model.entities["quote"].views)


def test_alike_parts_are_one_object() -> None:
    large = load([read_text(app_of(20), "large.yaml")])

    before = sum(1 for _ in _parts(large.entities, set()))
    after = sum(1 for _ in _parts(unpack(pack(large)).entities, set()))

    assert after < before / 2


def test_a_kept_model_is_found_by_what_it_was_linked_from(model: Model, cache: ModelCache) -> None:
    cache.put(["a", "b"], model)

    found = cache.get(["a", "b"])

    assert found is not None
    assert not diff(model, found)
    assert cache.get(["a"]) is None
    assert cache.get(["ab"]) is None


def test_a_file_that_was_changed_is_not_read(
    model: Model, cache: ModelCache, tmp_path: Path
) -> None:
    cache.put(["a"], model)
    (path,) = (tmp_path / "models").iterdir()
    whole = path.read_bytes()

    for content in (b"", whole[: DIGEST // 2], whole[:-1], whole + b"x", whole[::-1]):
        path.write_bytes(content)
        assert cache.get(["a"]) is None


def test_a_folder_that_others_may_enter_is_neither_read_nor_written(
    model: Model, cache: ModelCache, tmp_path: Path
) -> None:
    cache.put(["a"], model)
    os.chmod(tmp_path / "models", 0o755)  # noqa: S103 - that is the case

    cache.put(["b"], model)

    assert cache.get(["a"]) is None
    assert len(list((tmp_path / "models").iterdir())) == 1


def test_a_folder_that_cannot_be_made_costs_nothing_but_time(model: Model, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    cache = ModelCache(tmp_path / "file" / "models")

    cache.put(["a"], model)

    assert cache.get(["a"]) is None


def test_the_models_that_were_not_used_for_longest_are_dropped(
    model: Model, cache: ModelCache, tmp_path: Path
) -> None:
    cache.put(["first"], model)
    (first,) = (tmp_path / "models").iterdir()
    for number in range(KEPT):
        (first.parent / f"{number}.model").write_bytes(b"")
    os.utime(first, (0, 0))

    cache.put(["last"], model)

    assert cache.get(["first"]) is None
    assert cache.get(["last"]) is not None
    assert len(list(first.parent.iterdir())) == KEPT


def test_another_version_of_the_product_finds_nothing(
    model: Model, cache: ModelCache, tmp_path: Path
) -> None:
    cache.put(["a"], model)

    assert ModelCache(tmp_path / "models", version="another").get(["a"]) is None
