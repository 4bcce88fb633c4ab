"""Every kind of page keeps the guidelines for accessibility (WCAG 2.2 AA), in both themes."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.journeys import entering
from tests.journeys.conftest import Opening, Site
from tests.journeys.places import PLACES, first_ids

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "ui" / "assets" / "node_modules" / "axe-core" / "axe.min.js"

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

FINDINGS = """async ([part, tags]) => {
  await document.fonts.ready;
  const asked = { runOnly: tags, resultTypes: ["violations"] };
  const found = await axe.run(part ? document.querySelector(part) : document, asked);
  return found.violations.flatMap((rule) =>
    rule.nodes.map((node) => [rule.id, node.html, node.failureSummary]));
}"""

Finding = tuple[str, str, str]
"""A rule, the element that breaks it, and how it is mended."""

SETTLED = """() => Promise.allSettled(document.getAnimations()
  .filter((each) => each.effect.getComputedTiming().endTime !== Infinity)
  .map((each) => each.finished)).then(() => null)"""
"""What fades in is as faint as nothing at first."""


def findings(page: Page, part: str = "") -> list[Finding]:
    """Return what breaks the guidelines on a page, or in one part of it."""
    page.evaluate(SETTLED)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text("utf-8"))
    found: list[list[str]] = page.evaluate(FINDINGS, [part, RULES])
    return [(rule, html[:300], how) for rule, html, how in found]


@pytest.mark.parametrize(
    ("size", "language", "theme"),
    [
        ("desk", "zh", "light"),
        pytest.param("desk", "en", "dark", marks=pytest.mark.thorough),
        pytest.param("phone", "en", "light", marks=pytest.mark.soak),
        pytest.param("phone", "zh", "dark", marks=pytest.mark.thorough),
    ],
)
def test_no_page_breaks_the_guidelines(
    opening: Opening, site: Site, size: str, language: str, theme: str
) -> None:
    """P-24: each page, drawer and dialog once, by somebody who may open all of them."""
    for entity in ("customer", "opportunity", "quote", "ticket", "product", "contract"):
        entering.provide(site, entity)
    page = opening(size, language)
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
    root = site.url("")
    ids = first_ids(page, root)
    broken: dict[str, list[Finding]] = {}
    for place in PLACES:
        if place.size in ("", size):
            place.open(page, root, ids)
            broken[place.name] = findings(page, place.part)

    assert {name: found for name, found in broken.items() if found} == {}
