"""Making a tenant whole: its tables, its starter records, its administrator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from boot.catalogue import pack_document, template_documents
from boot.wiring import House
from engine.context import Cause, Context
from engine.schema.revisions import Document
from engine.tenants.members import enrol
from engine.tenants.people import ADMINISTRATOR
from engine.tenants.provision import NewTenant
from engine.tenants.reshape import with_pack
from engine.tenants.starters import plant


@dataclass(frozen=True, slots=True)
class Wanted:
    """A tenant as it is asked for; `administrator` is an address, blank for none.

    `packs` are names or files, in the order in which they lie over each other.
    """

    name: str
    template: str
    language: str = ""
    label: str = ""
    administrator: str = ""
    password: str | None = None
    database: str = ""
    packs: tuple[str, ...] = ()


def make_tenant(house: House, wanted: Wanted) -> Context:
    """Make a tenant from a template; return the context in which the system acts there.

    What fails on the way takes the tenant away again. Raises what its parts refuse.
    """
    documents = template_documents(wanted.template, house.settings.home / "cache" / "apps")
    for name in wanted.packs:
        documents = with_pack(documents, pack_document(name))
    return _made(house, wanted, documents)


def make_alike(house: House, name: str, wanted: Wanted) -> Context:
    """Make a tenant of another one's shape and roles, with starter records and nothing else."""
    record = house.registry.get(name)
    alike = replace(wanted, template=record.template, language=record.language)
    return _made(house, alike, house.publisher.documents(record.tenant))


def seat(house: House, name: str, email: str) -> None:
    """Make somebody an administrator of a tenant that has none yet."""
    record = house.registry.get(name)
    ctx = house.contexts.system(name, language=record.language, cause=Cause("cli"))
    _seat_administrator(house, ctx, Wanted(name, "", administrator=email))


def _made(house: House, wanted: Wanted, documents: Sequence[Document]) -> Context:
    language = wanted.language or house.store.compiled(documents).model.app.languages[0]
    house.provisioning.create(
        NewTenant(
            name=wanted.name,
            documents=documents,
            label=wanted.label,
            language=language,
            template=wanted.template,
            database=wanted.database,
        ),
        author="joinery tenant create",
    )
    try:
        ctx = house.contexts.system(wanted.name, language=language, cause=Cause("cli"))
        plant(ctx, house.writer)
        if wanted.administrator:
            _seat_administrator(house, ctx, wanted)
    except BaseException:
        house.provisioning.delete(wanted.name)
        raise
    return ctx


def _seat_administrator(house: House, ctx: Context, wanted: Wanted) -> None:
    account = house.accounts.by_email(wanted.administrator)
    if account is None:
        account = house.accounts.create(
            wanted.administrator, password=wanted.password, language=ctx.language
        )
    elif wanted.password is not None:
        house.accounts.set_password(account.id, wanted.password)
    enrol(house.accounts, house.writer, ctx, account, roles=(ADMINISTRATOR,))
