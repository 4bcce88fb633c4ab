"""The built front end: which files a page loads, and the icons that templates draw."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DIST = Path(__file__).parent / "static" / "dist"

LETTERS = DIST / "letters"
"""Where the letters lie that documents are printed with."""

FALLBACK_ICON = "circle"


class BundleMissing(RuntimeError):
    """The front end was never built: nothing could be shown as meant."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"{folder} has no manifest.json: the front end is not built. Run `make setup`."
        )


@dataclass(frozen=True, slots=True)
class Bundle:
    """Paths below `static/dist` that every page loads, and the inside of each icon's SVG.

    `form` is the script that pages with a form load besides.
    """

    script: str
    styles: tuple[str, ...]
    form: str
    icons: Mapping[str, str]

    def icon(self, name: str) -> str:
        """Return the shapes of an icon, a plain circle for a name that does not exist."""
        return self.icons.get(name) or self.icons[FALLBACK_ICON]


def read_bundle(folder: Path = DIST) -> Bundle:
    """Read what Vite wrote; raise `BundleMissing` where it has not run."""
    manifest_file = folder / "manifest.json"
    if not manifest_file.is_file():
        raise BundleMissing(folder)
    manifest = json.loads(manifest_file.read_text("utf-8"))
    main = next(entry for entry in manifest.values() if entry.get("name") == "main")
    return Bundle(
        script=main["file"],
        styles=tuple(main.get("css", ())),
        form=next(entry["file"] for entry in manifest.values() if entry.get("name") == "form"),
        icons=json.loads((folder / "icons.json").read_text("utf-8")),
    )
