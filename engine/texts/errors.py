"""Why a template cannot be used."""

from __future__ import annotations

from engine.errors import EngineError


class TemplateRefused(EngineError):
    """A template that cannot be read, asks for what it may not, or grows without end.

    Its words are one of `template_syntax`, `template_forbidden`, `template_unknown`,
    `template_operands` and `template_limit`; `line` is counted from 1, 0 where none is known.
    """

    code = "template_refused"
