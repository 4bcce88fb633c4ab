"""Which encoding a file of text is in: found from its bytes, all of them."""

from __future__ import annotations

import codecs

from charset_normalizer import from_bytes

from engine.exchange.sources.rows import Origin, SourceInvalid

SAMPLE = 64_000
"""How many bytes or characters are looked at where all of them would tell no more."""

FEW = 10
"""Bytes beyond ASCII below which no guess is worth more than what is commonest."""

PIECE = 1 << 20

WIDE = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def find_encoding(origin: Origin) -> str:
    """Return the encoding that all of a file can be read in; raise `SourceInvalid` for none."""
    sample = origin.sample(SAMPLE)
    if not sample.strip():
        raise SourceInvalid("file_empty", file=origin.name)
    for mark, encoding in WIDE.items():
        if sample.startswith(mark):
            return _readable(origin, encoding)
    if b"\x00" in sample:
        wide = _wide_without_mark(sample)
        if wide and _reads(origin, wide):
            return wide
        raise SourceInvalid("file_binary", file=origin.name)
    if _reads(origin, "utf-8-sig"):
        return "utf-8-sig"
    if _reads(origin, "gb18030") and _is_chinese(sample):
        return "gb18030"
    guesses = [guess.encoding for guess in from_bytes(sample)]
    few = sum(byte > 127 for byte in sample) < FEW
    # Short Latin texts fit several code pages; Western Windows is by far the commonest.
    for encoding in ("cp1252", *guesses, "latin-1") if few or "cp1252" in guesses else guesses:
        if _reads(origin, encoding):
            return encoding
    raise SourceInvalid("encoding_unknown", file=origin.name)


def _readable(origin: Origin, encoding: str) -> str:
    if not _reads(origin, encoding):
        raise SourceInvalid("encoding_unknown", file=origin.name)
    return encoding


def _wide_without_mark(sample: bytes) -> str:
    """Return which UTF-16 a text without a mark may be in, "" for none.

    Every other byte of Latin text is zero.
    """
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    if odd > half * 0.4 and even < half * 0.05:
        return "utf-16-le"
    if even > half * 0.4 and odd < half * 0.05:
        return "utf-16-be"
    return ""


def _reads(origin: Origin, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with origin.open() as file:
        try:
            while piece := file.read(PIECE):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _is_chinese(sample: bytes) -> bool:
    """Tell whether bytes that decode as GB18030 are Chinese, and not Latin-1 by accident."""
    text = sample.decode("gb18030", errors="ignore")
    wide = [character for character in text if ord(character) > 127]
    common = sum("一" <= each <= "鿿" or each in "，。、；：（）《》！？￥“”" for each in wide)
    return bool(wide) and common >= len(wide) * 0.9
