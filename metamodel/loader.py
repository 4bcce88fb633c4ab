"""The front door: files and texts become layers, layers become a model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from importlib.resources import files
from itertools import islice
from pathlib import Path

from metamodel.layers import BUILTIN, Layer, merge
from metamodel.linker import link
from metamodel.linking.memory import Memory
from metamodel.model import Model
from metamodel.problems import DefinitionInvalid, Place, Problem
from metamodel.quickly import without_collection
from metamodel.source import Names, Position, Source, read_file, read_source
from metamodel.structure import check_structure

MAX_FILES = 500
"""Most files that one app is read from."""


@lru_cache(maxsize=1)
def builtin_layer() -> Layer:
    """Return the layer that lies under every app."""
    return _layer(BUILTIN, [read_source(_builtin_text(), "builtin.yaml")])


def builtin_digest() -> str:
    """Return what tells one version of the built-in layer from another."""
    return blake2b(_builtin_text().encode(), digest_size=16).hexdigest()


def _builtin_text() -> str:
    return files("metamodel").joinpath("builtin.yaml").read_text(encoding="utf-8")


def read_text(text: str, name: str) -> Layer:
    """Read one layer from a text; `name` stands for the file in problems."""
    return _layer(name, [read_source(text, name)])


def read_app(path: Path | str) -> Layer:
    """Read a manifest with everything it includes, or a single file, as one layer.

    What cannot be read is noted in the layer's problems, which `load` raises.
    """
    manifest = Path(path)
    first = read_file(manifest, manifest.name)
    sources = [first]
    problems: list[Problem] = []
    included = first.document.get("include")
    for index, pattern in enumerate(included if isinstance(included, list) else ()):
        position = first.positions.get(("include", str(index)))
        line, column = (position.line, position.column) if position else (1, 1)
        place = Place(manifest.name, line, column, ("include", str(index)))
        found = _included(manifest, str(pattern), place, problems)
        for each in found[: MAX_FILES + 1 - len(sources)]:
            source = read_file(each, each.relative_to(manifest.parent).as_posix())
            sources.append(source)
            problems.extend(_included_again(source))
        if len(sources) > MAX_FILES:
            problems.append(
                Problem(
                    "too_many_files",
                    place,
                    f"`include` names more than {MAX_FILES} files.",
                    "Name folders that hold parts of the app alone.",
                )
            )
            break
    return _layer(manifest.stem, sources, problems)


def load(layers: Sequence[Layer], memory: Memory | None = None) -> Model:
    """Merge layers, the lowest first, and link them; raise `DefinitionInvalid` with all of it.

    With a `memory` only what changed since is linked again.
    """
    with without_collection():
        return _loaded(layers, memory)


def _loaded(layers: Sequence[Layer], memory: Memory | None) -> Model:
    stack = (builtin_layer(), *layers)
    merged = merge(stack)
    problems = [problem for layer in stack for problem in layer.problems]
    for layer in layers:
        problems.extend(check_structure(layer, merged.document))
    if any(layer.problems for layer in stack):
        raise DefinitionInvalid(_in_order(problems, stack))
    model = link(merged, memory)
    said = {(problem.place, problem.code) for problem in problems}
    problems.extend(p for p in merged.problems if (p.place, p.code) not in said)
    if problems:
        raise DefinitionInvalid(_in_order(problems, stack))
    return model


def _in_order(problems: Sequence[Problem], layers: Sequence[Layer]) -> list[Problem]:
    """Return each problem once, by layer, file and place."""
    files_in_order = list(dict.fromkeys(file for layer in layers for file in layer.lines))
    rank = {file: index for index, file in enumerate(files_in_order)}
    return sorted(
        dict.fromkeys(problems),
        key=lambda p: (rank.get(p.place.file, len(rank)), p.place.line, p.place.column),
    )


def _included(
    manifest: Path, pattern: str, place: Place, problems: list[Problem]
) -> Sequence[Path]:
    """Return the files that one entry of `include` names, sorted; they lie beside the manifest."""
    if Path(pattern).is_absolute() or ".." in Path(pattern).parts:
        problems.append(
            Problem(
                "include_outside",
                place,
                f"`{pattern}` lies outside the app's folder.",
                "Include files beside the manifest or below it.",
            )
        )
        return ()
    try:
        matching = islice(manifest.parent.glob(pattern), MAX_FILES * 20)
        found = sorted(each for each in matching if each.is_file() and each != manifest)
    except ValueError:
        found = []  # an empty pattern, or one that means nothing as a path
    if not found:
        problems.append(
            Problem(
                "include_missing",
                place,
                f"`{pattern}` names no file.",
                "The path is relative to the manifest.",
            )
        )
    return found


def _included_again(source: Source) -> Iterator[Problem]:
    """Yield that an included file includes others: one manifest names all parts of an app."""
    position = source.positions.get(("include",))
    if position is not None:
        yield Problem(
            "include_again",
            Place(source.name, position.line, position.column, ("include",)),
            f"{source.name} is included, and has `include` itself.",
            "Name all files in the manifest.",
        )


def _layer(name: str, sources: Sequence[Source], problems: Sequence[Problem] = ()) -> Layer:
    """Unite the texts of one layer; what two files say about the same leaf is a problem."""
    document: dict[str, object] = {}
    positions: dict[Names, Position] = {}
    found = [*problems, *(problem for source in sources for problem in source.problems)]
    for source in sources:
        _unite(document, source.document, (), source, positions, found)
        for path, position in source.positions.items():
            positions.setdefault(path, position)
    lines = {source.name: source.lines for source in sources}
    app = document.get("app")
    if name != BUILTIN and isinstance(app, Mapping) and isinstance(app.get("name"), str):
        name = str(app["name"])
    return Layer(name, document, positions, lines, tuple(found))


def _unite(
    into: dict[str, object],
    more: Mapping[str, object],
    path: Names,
    source: Source,
    positions: Mapping[Names, Position],
    problems: list[Problem],
) -> None:
    for name, value in more.items():
        existing = into.get(name)
        inner = (*path, name)
        if inner == ("include",):
            continue
        if name not in into:
            into[name] = _copied(value)
        elif isinstance(existing, dict) and isinstance(value, Mapping):
            _unite(existing, value, inner, source, positions, problems)
        elif inner != ("format",) or existing != value:
            here, first = source.positions[inner], positions[inner]
            problems.append(
                Problem(
                    "duplicate_key",
                    Place(source.name, here.line, here.column, inner),
                    f"`{'.'.join(inner)}` is written in {first.file}, too, in line {first.line}.",
                    "Keep one of the two.",
                )
            )


def _copied(value: object) -> object:
    """Copy maps, so that uniting never changes what was read."""
    if isinstance(value, Mapping):
        return {key: _copied(item) for key, item in value.items()}
    return value
