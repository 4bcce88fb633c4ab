"""Why a paper cannot be made."""

from __future__ import annotations

from engine.errors import EngineError


class DocumentRefused(EngineError):
    """A paper that cannot be made, or not now.

    Its words are one of `document_not_now`, `document_too_long`, `document_unprintable`,
    `document_format`, `documents_too_many`, `documents_pictures` and `letters_missing`.
    """

    code = "document_refused"
