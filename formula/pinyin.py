"""Chinese read as pinyin, without tones: the longest word of a table first, else character wise."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

LONGEST = 4
"""Characters of the longest word that is read as a whole."""


@cache
def readings() -> Mapping[str, str]:
    """Return the syllables, with spaces between, of each character and special word."""
    source = files("formula") / "backends" / "pinyin.json"
    table = json.loads(source.read_text("utf-8"))
    found = {
        character: syllable
        for syllable, characters in table["syllables"].items()
        for character in characters
    }
    words = {word: spoken for spoken, said in table["words"].items() for word in said.split(" ")}
    return {**found, **words}


def pinyin(text: str, style: str) -> str | None:
    """Return text with its Chinese read out: joined, spaced, or only the initials."""
    parts = list(_parts(text))
    match style:
        case "initials":
            said = ("".join(part[0] for part in syllables) or plain for plain, syllables in parts)
            return "".join(said) or None
        case "spaced":
            if not any(syllables for _, syllables in parts):
                return text
            words = (" ".join(syllables) or plain.strip(" ") for plain, syllables in parts)
            return " ".join(word for word in words if word) or None
        case _:
            return "".join("".join(syllables) or plain for plain, syllables in parts) or None


def _parts(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield runs of other text, and words of Chinese with their syllables."""
    known, at, plain = readings(), 0, ""
    while at < len(text):
        sizes = range(min(LONGEST, len(text) - at), 0, -1)
        size = next((size for size in sizes if text[at : at + size] in known), 0)
        if not size:
            plain += text[at]
            at += 1
            continue
        if plain:
            yield plain, ()
            plain = ""
        yield "", tuple(known[text[at : at + size]].split(" "))
        at += size
    if plain:
        yield plain, ()
