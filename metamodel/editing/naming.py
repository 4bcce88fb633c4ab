"""Makes the name of a new element from what people call it."""

from __future__ import annotations

import re
from collections.abc import Collection
from unicodedata import normalize

from pypinyin import lazy_pinyin

LONGEST = 40
"""Most characters of a name that is made; written ones may be longer."""

_WORD = re.compile(r"[a-z0-9]+")


def name_for(label: str, taken: Collection[str] = (), *, fallback: str = "field") -> str:
    """Return a free snake_case name for a label.

    Chinese is written by its sound: `客户等级` gives `ke_hu_deng_ji`. A number follows where
    the name is taken; a label without letters gets `fallback`.
    """
    sounds = " ".join(lazy_pinyin(label))
    plain = normalize("NFKD", sounds.casefold()).encode("ascii", "ignore").decode()
    name = "_".join(_WORD.findall(plain))[:LONGEST].strip("_") or fallback
    if not name[0].isalpha():
        name = f"{fallback}_{name}"
    number, free = 2, name
    while free in taken:
        free = f"{name}_{number}"
        number += 1
    return free
