"""Canonical YAML: what is written reads back the same."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from metamodel import Model, bundle, diff, dump, load, read_app
from metamodel.edits import same
from metamodel.source import read_source

_text = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
_numbers = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9)
_scalars = st.one_of(st.none(), st.booleans(), st.integers(-(10**12), 10**12), _numbers, _text)
_values = st.recursive(
    _scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(_text, inner, max_size=4)),
    max_leaves=12,
)


@given(st.dictionaries(_text, _values, max_size=4))
@example({"a": {"b": {"c": {"d": ["x" * 99, {"k": "y" * 99}, [], {}, [["z"]]]}}}})
@example({"a": "12:30", "b": "1.10", "c": "on", "d": "null", "e": "", "f": " x ", "g": "a: b #c"})
@example({"a": "Zeile\nzwei", "b": "\x85\u2028\ufeff\x7f", "c": Decimal("1E+2"), "d": "13%"})
def test_what_is_dumped_reads_back_value_by_value(document: dict[str, object]) -> None:
    source = read_source(dump(document), "f.yaml")

    assert source.problems == ()
    assert same(dict(source.document), _canonical(document))


def _canonical(document: dict[str, object]) -> dict[str, object]:
    from metamodel.dump import TOP

    known = {key: document[key] for key in TOP if key in document}
    return {**known, **{key: value for key, value in document.items() if key not in known}}


@given(st.dictionaries(_text, _values, max_size=4))
def test_dumping_twice_gives_the_same_text(document: dict[str, object]) -> None:
    once = dump(document)

    assert dump(dict(read_source(once, "f.yaml").document)) == once


def test_a_manifest_bundles_to_one_text_that_means_the_same(tmp_path: Path, shop: Model) -> None:
    (tmp_path / "parts").mkdir()
    whole = dict(shop.source)
    (tmp_path / "parts" / "entities.yaml").write_text(dump({"entities": _written(whole)}), "utf-8")
    rest = {key: value for key, value in whole.items() if key != "entities"}
    (tmp_path / "app.yaml").write_text(dump({**rest, "include": ["parts/*.yaml"]}), "utf-8")
    layer = read_app(tmp_path / "app.yaml")

    (tmp_path / "one.yaml").write_text(bundle([layer]), "utf-8")

    assert not diff(load([read_app(tmp_path / "one.yaml")]), shop)
    assert not diff(load([layer]), shop)


def _written(document: dict[str, object]) -> dict[str, object]:
    entities = document["entities"]
    assert isinstance(entities, dict)
    builtin = {"department", "user", "team", "team_member"}
    return {k: v for k, v in entities.items() if k not in builtin and not k.startswith("sys_")}
