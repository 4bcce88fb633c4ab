"""Links what leaves the app: messages, documents, reports, segments."""

from __future__ import annotations

from typing import get_args

from metamodel.label import Label
from metamodel.linking.draft import Draft, known_roles
from metamodel.linking.formulas import Rules, check_node, condition, formula
from metamodel.linking.screens import read_columns, read_sorts
from metamodel.linking.texts import read_template
from metamodel.nearest import nearest
from metamodel.outward import Channel, Document, Message, Report, Segment
from metamodel.reader import Node
from metamodel.scope import scope_of


def link_messages(draft: Draft) -> dict[str, Message]:
    """Return messages by key."""
    return draft.linked("messages", _message)


def link_documents(draft: Draft) -> dict[str, Document]:
    """Return documents by key."""
    return draft.linked("documents", _document)


def link_reports(draft: Draft) -> dict[str, Report]:
    """Return reports by key."""
    return draft.linked("reports", _report)


def link_segments(draft: Draft) -> dict[str, Segment]:
    """Return segments by key."""
    return draft.linked("segments", _segment)


def _message(draft: Draft, node: Node) -> Message:
    entity = draft.over(node) if "entity" in node else None
    scope = scope_of(draft.model, entity.key if entity is not None else "")
    channels = node.names("channels") or ("app",)
    for name in channels:
        if name not in get_args(Channel):
            sentence = f"`channels` cannot hold `{name}`."
            hint = nearest(name, get_args(Channel), "There are")
            node.report("unknown_value", sentence, hint, at="channels")
    if "text" not in node:
        node.report("missing_key", f"The message `{node.name}` says nothing.", "Add `text:`.")
    return Message(
        key=node.key,
        name=node.name,
        label=node.label() or Label({"": node.name}),
        entity=scope.entity,
        channels=tuple(each for each in get_args(Channel) if each in channels),
        subject=read_template(node, "subject", scope, letter=True),
        text=read_template(node, "text", scope, letter=True),
        promotional=node.flag("promotional"),
        form=_form_of(draft, node, scope.entity),
        help=node.label("help"),
        module=draft.module(node),
    )


def _form_of(draft: Draft, node: Node, entity: str) -> str:
    """Return the form that a message brings; report one that is not about what the message is."""
    name = node.text("form")
    forms = {each.name: each for each in draft.root.child("public_forms").live()}
    if name and name not in forms:
        sentence = f"There is no public form `{name}`."
        node.report("unknown_form", sentence, nearest(name, forms), at="form")
    elif name:
        node.refer(name, "public_forms", forms[name].key, at="form")
        asks = draft.entities.get(draft.names.get(forms[name].text("entity"), ""))
        fields = asks.fields.values() if asks is not None else ()
        about = next((each for each in fields if each.name == forms[name].text("about")), None)
        if about is None or about.link is None or about.link.to != (entity,):
            sentence = f"The form `{name}` is not about what `{node.name}` is about."
            hint = "Give the form `about:`, a link to the records of the message."
            node.report("form_elsewhere", sentence, hint, at="form")
    return name


def _document(draft: Draft, node: Node) -> Document | None:
    entity = draft.over(node)
    if entity is None:
        return None
    scope = scope_of(draft.model, entity.key)
    if "template" not in node:
        sentence = f"The document `{node.name}` has no text."
        node.report("missing_key", sentence, "Add `template:`.")
    kind = node.text("format")
    return Document(
        key=node.key,
        name=node.name,
        label=node.label() or Label({"": node.name}),
        entity=entity.key,
        template=read_template(node, "template", scope),
        format=kind if kind in ("html", "docx") else "pdf",  # type: ignore[arg-type]
        file_name=formula(node, "file_name", scope),
        when=condition(node, "when", scope),
        roles=known_roles(draft, node, "roles"),
        language=node.text("language"),
        help=node.label("help"),
        module=draft.module(node),
    )


def _report(draft: Draft, node: Node) -> Report | None:
    entity = draft.over(node)
    if entity is None:
        return None
    scope = scope_of(draft.model, entity.key)
    groups = {each.name: check_node(each, scope) for each in node.child("group_by").live()}
    measuring = Rules(measure=True)
    measures = {
        each.name: check_node(each, scope, measuring) for each in node.child("measures").live()
    }
    if not measures and "columns" not in node:
        sentence = f"The report `{node.name}` shows nothing."
        node.report("missing_key", sentence, "Add `columns:`, or `group_by:` and `measures:`.")
    grouped = bool(groups or measures)
    return Report(
        key=node.key,
        name=node.name,
        label=node.label() or Label({"": node.name}),
        entity=entity.key,
        filter=condition(node, "filter", scope),
        columns=tuple(read_columns(node, scope)),
        group_by={name: typed for name, typed in groups.items() if typed is not None},
        measures={name: typed for name, typed in measures.items() if typed is not None},
        sort=() if grouped else tuple(read_sorts(node, scope)),
        sort_groups=_known(node, "sort", {*groups, *measures}) if grouped else (),
        subtotals=_known(node, "subtotals", set(groups)),
        chart=node.text("chart"),
        roles=known_roles(draft, node, "roles"),
        module=draft.module(node),
        help=node.label("help"),
    )


def _known(node: Node, name: str, known: set[str]) -> tuple[str, ...]:
    """Return the groups and measures that a list names, `-` for descending kept."""
    for each in node.names(name):
        if each.removeprefix("-") not in known:
            sentence = f"`{name}` names `{each}`, which the report does not have."
            node.report("unknown_path", sentence, nearest(each, known, "There are"), at=name)
    return tuple(each for each in node.names(name) if each.removeprefix("-") in known)


def _segment(draft: Draft, node: Node) -> Segment | None:
    entity = draft.over(node)
    if entity is None:
        return None
    if "filter" not in node:
        sentence = f"The segment `{node.name}` has no condition."
        node.report("missing_key", sentence, "Add `filter:`.")
    typed = condition(node, "filter", scope_of(draft.model, entity.key))
    if typed is None:
        return None
    return Segment(
        key=node.key,
        name=node.name,
        label=node.label() or Label({"": node.name}),
        entity=entity.key,
        filter=typed,
        refresh="daily" if node.text("refresh") == "daily" else "live",
        help=node.label("help"),
        module=draft.module(node),
    )
