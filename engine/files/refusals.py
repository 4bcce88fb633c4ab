"""Why a file is not taken in."""

from __future__ import annotations

from engine.errors import FieldError, RecordRefused


class FileRefused(RecordRefused):
    """A file that cannot be kept: a stable code, and what its sentence needs."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__([FieldError(code, ("file",), params)])
