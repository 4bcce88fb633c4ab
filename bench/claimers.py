"""One of the server's processes, as far as claims go: `python -m bench.claimers TENANT`.

It reads the people it claims for as a line of JSON, says `ready`, and for each further line has
all of them claim at once, as many at a time as the server's threads; it answers with a line that
tells how long each of them waited and which records they got.
"""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import UUID

from boot.memory import collect_seldom
from boot.settings import read_settings
from boot.wiring import house
from engine.context import Actor, Cause, Context


def main() -> None:
    """Claim until there are no more lines."""
    collect_seldom()
    with house(read_settings({})) as built:
        ctx = built.contexts.system(sys.argv[1], cause=Cause("cli"))
        (pool,) = ctx.model.pools.values()
        people = json.loads(sys.stdin.readline())
        actors = [replace(ctx, actor=Actor(UUID(who), "P", ("seller",))) for who in people]
        with ThreadPoolExecutor(built.settings.threads) as threads:
            # Each thread has its connection, as a server's has after its first minute.
            list(threads.map(lambda who: built.services.pools.room(who, pool), actors))
            print("ready", flush=True)
            for _ in sys.stdin:
                began = time.perf_counter()

                def claim(mine: Context, began: float = began) -> tuple[float, list[str]]:
                    got = built.services.pools.claim(mine, pool, 1).got
                    return time.perf_counter() - began, [str(each) for each in got]

                answers = list(threads.map(claim, actors))
                told = {
                    "took": [took for took, _ in answers],
                    "got": [each for _, got in answers for each in got],
                }
                print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
