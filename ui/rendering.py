"""Templates: one environment per language, so that nothing about the reader is ambient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ui.bundle import Bundle
from ui.words import LANGUAGES, words_of

TEMPLATES = Path(__file__).parent / "templates"

STATIC = "/static/dist/"


@dataclass(frozen=True, slots=True)
class Renderer:
    """Turns a view model into a page in the reader's language."""

    environments: Mapping[str, Environment]

    def render(self, template: str, language: str, view: object) -> str:
        """Return the page; the template is given `view` and nothing else."""
        return self.environments[language].get_template(template).render(view=view)


def create_renderer(bundle: Bundle) -> Renderer:
    """Prepare an environment for each language the screens speak."""
    return Renderer({language: _environment(bundle, language) for language in LANGUAGES})


def _environment(bundle: Bundle, language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )

    def icon(name: str, style: str = "") -> Markup:
        """Draw an icon; decoration only, so screen readers pass over it."""
        kind = f"icon {style}".strip()
        return Markup(  # noqa: S704 - the shapes come from our own build
            f'<svg class="{Markup.escape(kind)}" viewBox="0 0 24 24" aria-hidden="true">'
            f"{bundle.icon(name)}</svg>"
        )

    environment.globals.update(
        _=words_of(language).say,
        icon=icon,
        languages=LANGUAGES,
        script=STATIC + bundle.script,
        form_script=STATIC + bundle.form,
        styles=[STATIC + path for path in bundle.styles],
    )
    return environment
