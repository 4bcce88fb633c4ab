"""Carries messages by mail: in conversations, with a way out where they promote something."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from engine.context import Context
from engine.mail import AddressRefused, Mail, MailSender
from engine.sealing import MasterKey
from workflow.arriving.asking import form_named, link_to, score_of, scores_of
from workflow.messages.enclosing import Papers, enclosed_with
from workflow.messages.errors import Unreachable
from workflow.messages.following import Marks
from workflow.messages.leaving import Leaving, link_of
from workflow.messages.message import Message
from workflow.messages.paging import Paging, Question


@dataclass(frozen=True, slots=True)
class MailCarrier:
    """Hands messages to a mail server; a `Carrier`.

    `site` is where people find this installation, `answers_to` the address of a tenant at which
    answers are fetched, blank where none are.
    """

    sender: MailSender
    key: MasterKey
    site: str
    papers: Papers
    answers_to: Callable[[Context], str]

    def carry(self, ctx: Context, message: Message) -> None:
        """Send a message, its documents made now."""
        link = ""
        if message.detail.get("promotional") and self.site:
            link = link_of(self.key, self.site, Leaving(ctx.tenant.role, message.address))
        marks = None
        if message.detail.get("tracked") and self.site:
            marks = Marks(self.key, self.site, ctx.tenant.role, message.id)
        said = Paging(message, link, self._question(ctx, message), marks)
        mail = Mail(
            to=message.address,
            subject=message.subject,
            words=said.words,
            page=said.page,
            files=tuple(enclosed_with(ctx, self.papers, message)),
            headers=tuple(self._headers(ctx, message, link)),
        )
        try:
            self.sender.send(mail)
        except AddressRefused as error:
            raise Unreachable(said=str(error.params.get("said", ""))) from error

    def _headers(self, ctx: Context, message: Message, link: str) -> Iterator[tuple[str, str]]:
        yield "Message-ID", f"<{message.message_id}>"
        answered = message.detail.get("answers")
        if answered:
            yield "In-Reply-To", f"<{answered}>"
            chain = dict.fromkeys([message.thread or answered, answered])
            yield "References", " ".join(f"<{each}>" for each in chain)
        if message.detail.get("copies"):
            yield "Cc", ", ".join(message.detail["copies"])
        answers_to = self.answers_to(ctx)
        if answers_to:
            yield "Reply-To", answers_to
        # Programs that are away do not answer what says this.
        yield "X-Auto-Response-Suppress", "All"
        if link:
            yield "List-Unsubscribe", f"<{link}>"
            yield "List-Unsubscribe-Post", "List-Unsubscribe=One-Click"

    def _question(self, ctx: Context, message: Message) -> Question | None:
        """Return the form that a message brings about its record, while it is open."""
        name = str(message.detail.get("form", ""))
        form = form_named(ctx.model, name) if name and self.site else None
        if form is None or message.record is None:
            return None
        link = link_to(self.key, self.site, ctx, form, message.record)
        score = score_of(ctx.model, form)
        language = str(message.detail.get("language", ""))
        label = (score.label if score is not None else form.label).text(language)
        offered = scores_of(score) if score is not None else ()
        named = score.name if score is not None else ""
        scores = tuple((each, f"{link}&{named}={each}") for each in offered)
        return Question(label, link, scores)


def domain_of(site: str, mail_from: str) -> str:
    """Return what the ids of messages end with: the domain of the sender, or of the site."""
    named = mail_from.rpartition("@")[2].strip("> ")
    return named or urlsplit(site).hostname or "joinery.invalid"
