"""Every field type can be shown, entered and filtered by."""

from __future__ import annotations

import re

import pytest

from metamodel.fieldtypes import FIELD_TYPES
from ui.bundle import read_bundle
from ui.rendering import TEMPLATES, create_renderer
from ui.viewmodels.comparisons import COMPARISONS
from ui.widgets import WIDGETS


def test_every_field_type_has_a_widget() -> None:
    assert set(FIELD_TYPES) - set(WIDGETS) == set()


@pytest.mark.parametrize("name", sorted(WIDGETS))
def test_a_widget_has_its_input_and_its_comparisons(name: str) -> None:
    widget = WIDGETS[name]

    assert (TEMPLATES / "widgets" / f"{widget.template}.html").is_file()
    assert widget.filter == "none" or COMPARISONS[widget.filter]


def test_every_template_compiles_in_every_language() -> None:
    renderer = create_renderer(read_bundle())

    for environment in renderer.environments.values():
        for name in environment.list_templates(extensions=["html"]):
            environment.get_template(name)


def test_every_icon_that_templates_draw_exists() -> None:
    icons = read_bundle().icons
    for path in TEMPLATES.rglob("*.html"):
        for name in re.findall(r'icon\("([a-z0-9-]+)"', path.read_text("utf-8")):
            assert name in icons, f"{path.name} draws {name}"
