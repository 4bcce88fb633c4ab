"""Pictures are written anew: upright, without what cameras hide in them, and once in small."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from typing import IO

from PIL import Image, ImageOps, UnidentifiedImageError

from engine.files.refusals import FileRefused

FORMATS = {
    "image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP", "image/gif": "GIF",
}  # fmt: skip
"""Media types that are taken as pictures; others are kept as files."""

MOST_PIXELS = 50_000_000

MOST_MOVING = 250_000_000
"""Pixels of all frames of a moving picture together, each of which is drawn."""

SMALL = (480, 480)
"""What a small picture fits into."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it is kept, and a small one of it."""

    content: IO[bytes]
    small: IO[bytes]


def redrawn(content: IO[bytes], media: str) -> Picture:
    """Return a picture written anew; raise `FileRefused` where it is none, or far too large."""
    content.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(content, formats=[FORMATS[media]]) as image:
                if _too_large(image):
                    raise FileRefused("picture_too_large", max=MOST_PIXELS // 1_000_000)
                return _drawn(image, FORMATS[media])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise FileRefused("picture_too_large", max=MOST_PIXELS // 1_000_000) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise FileRefused("picture_broken") from error


def _too_large(image: Image.Image) -> bool:
    pixels = image.width * image.height
    return pixels > MOST_PIXELS or pixels * getattr(image, "n_frames", 1) > MOST_MOVING


def _drawn(image: Image.Image, kind: str) -> Picture:
    upright = ImageOps.exif_transpose(image)
    whole = io.BytesIO()
    if kind == "GIF":
        # Every frame of a moving picture is kept.
        image.save(whole, "GIF", save_all=True, comment=b"")
    elif kind == "JPEG":
        upright.convert("RGB").save(whole, "JPEG", quality=90, optimize=True)
    else:
        upright.save(whole, kind, exif=b"")
    little = upright.convert("RGBA" if "A" in upright.getbands() or kind == "GIF" else "RGB")
    little.thumbnail(SMALL)
    small = io.BytesIO()
    little.save(small, "PNG" if little.mode == "RGBA" else "JPEG")
    return Picture(whole, small)
