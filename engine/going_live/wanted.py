"""What somebody wants published: a draft or an earlier version, as they looked at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

from engine.drafts.going_out import Terms
from engine.jobs import Payload
from engine.schema.revisions import Document


@dataclass(frozen=True, slots=True)
class Wanted:
    """A draft by its name, or the version to go `back` to, looked at over revision `over`."""

    over: int
    draft: str = ""
    back: int = 0
    terms: Terms = Terms()


@dataclass(frozen=True, slots=True)
class Ordered:
    """What a worker is to publish, for the person of an account.

    `version` is the draft's, and `digests` stand for all that is published: nothing else is.
    """

    wanted: Wanted
    account: UUID
    language: str
    version: int
    digests: tuple[str, ...]

    def payload(self) -> Payload:
        """Return it as a job is given it."""
        return {
            **asdict(self.wanted),
            "account": str(self.account),
            "language": self.language,
            "version": self.version,
            "digests": list(self.digests),
        }


def ordered(payload: Payload) -> Ordered:
    """Return what a job was given."""
    wanted = Wanted(payload["over"], payload["draft"], payload["back"], Terms(**payload["terms"]))
    return Ordered(
        wanted,
        UUID(payload["account"]),
        payload["language"],
        payload["version"],
        tuple(payload["digests"]),
    )


def digests_of(documents: Sequence[Document]) -> tuple[str, ...]:
    """Return what stands for documents."""
    return tuple(each.digest for each in documents)
