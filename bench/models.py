"""`python -m bench.models`: how long an app takes to load, and to come back once it is kept."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from bench.bundles import app_of
from metamodel import load, read_text
from metamodel.cache import ModelCache

T = TypeVar("T")


def main() -> None:
    """Print a line for each way to a model: the best of several turns, in processor time."""
    parser = argparse.ArgumentParser(prog="bench.models", description=__doc__)
    parser.add_argument("--entities", type=int, default=100, help="of fifteen fields each")
    parser.add_argument("--turns", type=int, default=7)
    asked = parser.parse_args()
    text = app_of(asked.entities)
    with tempfile.TemporaryDirectory(prefix="joinery-bench-") as folder:
        cache = ModelCache(Path(folder) / "models")
        model, cold = _best(lambda: load([read_text(text, "large.yaml")]), asked.turns)
        cache.put(["large"], model)
        _, warm = _best(lambda: cache.get(["large"]), asked.turns)
    fields = sum(len(entity.fields) for entity in model.entities.values())
    print(f"{asked.entities} entities, {fields} fields with the standard ones")
    print(f"read, checked and linked   {cold * 1000:8.1f} ms")
    print(f"from the folder            {warm * 1000:8.1f} ms")


def _best(make: Callable[[], T], turns: int) -> tuple[T, float]:
    """Return what was made, and the shortest time that it took."""
    times = []
    for _ in range(turns):
        began = time.process_time()
        made = make()
        times.append(time.process_time() - began)
    return made, min(times)


if __name__ == "__main__":
    main()
