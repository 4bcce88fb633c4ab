"""Every route of the API in one table, from which the blueprint and OpenAPI are made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from flask import Response

from ui.blueprints.api import (
    access,
    aggregates,
    audits,
    bulk,
    conversions,
    drafts,
    duplicates,
    exports,
    files,
    formulas,
    handovers,
    imports,
    me,
    metadata,
    notices,
    papers,
    personal,
    records,
    search,
    secrets,
    shares,
    talk,
    views,
)
from ui.blueprints.api import openapi as documents
from ui.blueprints.api.caller import Right


@dataclass(frozen=True, slots=True)
class Route:
    """One call of the API. `summary` is what its documentation says; `right` what it needs."""

    name: str
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: str
    answer: Callable[..., Response]
    summary: str
    right: Right = "read"


RECORDS = "/records/<entity>"
RECORD = "/records/<entity>/<record>"
DRAFT = "/drafts/<name>"

ROUTES: tuple[Route, ...] = (
    Route("list", "GET", RECORDS, records.find, "A page of records"),
    Route("create", "POST", RECORDS, records.create, "Create a record, its lines nested", "create"),
    Route("read", "GET", RECORD, records.read, "One record with its lines"),
    Route("update", "PATCH", RECORD, records.update, "Change what is named", "update"),
    Route("trash", "DELETE", RECORD, records.delete, "Move to the trash", "delete"),
    Route("restore", "POST", f"{RECORD}/restore", records.restore, "Take back", "delete"),
    Route("recalculate", "POST", f"{RECORD}/recalculate", records.recalculate,
          "Take exchange rates anew", "update"),
    Route("move", "POST", f"{RECORD}/move", records.move, "Move to a stage", "update"),
    Route("convert", "POST", f"{RECORD}/convert/<name>", records.convert,
          "Make other records from this one", "update"),
    Route("unmask", "POST", f"{RECORD}/unmask", secrets.unmask, "An encrypted value in the clear"),
    Route("stages", "GET", f"{RECORD}/stages", records.stages, "Where it was, and how long"),
    Route("record_access", "GET", f"{RECORD}/access", access.of_record, "Who may do what, and why"),
    Route("entity_access", "GET", "/access/<entity>", access.of_entity, "Who may do what, and why"),
    Route("why", "GET", f"{RECORD}/why/<field>", records.why, "What a figure is made of"),
    Route("kept", "GET", f"{RECORD}/kept", conversions.kept, "What did not convert"),
    Route("history", "GET", f"{RECORD}/history", records.history, "Who changed what, and when"),
    Route("comment", "POST", f"{RECORD}/comments", talk.comment, "Say something about a record"),
    Route("mend_comment", "PATCH", f"{RECORD}/comments/<comment>", talk.mend_comment,
          "Put other words into a comment"),
    Route("withdraw_comment", "DELETE", f"{RECORD}/comments/<comment>", talk.withdraw_comment,
          "Take a comment back"),
    Route("timeline", "GET", f"{RECORD}/timeline", talk.timeline, "What became of a record"),
    Route("shares", "GET", f"{RECORD}/shares", shares.listed, "With whom a record is shared"),
    Route("share", "POST", f"{RECORD}/shares", shares.give, "Share a record", "update"),
    Route("unshare", "DELETE", f"{RECORD}/shares/<share>", shares.take, "Take back", "update"),
    Route("attached", "GET", f"{RECORD}/files", files.attached, "The files attached to a record"),
    Route("attach", "POST", f"{RECORD}/files", files.attach, "Attach a file", "update"),
    Route("detach", "DELETE", f"{RECORD}/files/<file>", files.detach, "Take a file off", "update"),
    Route("papers", "GET", f"{RECORD}/documents", papers.listed,
          "The documents that a record can be printed as"),
    Route("paper", "GET", f"{RECORD}/documents/<name>", papers.made, "A document of a record"),
    Route("keep_paper", "POST", f"{RECORD}/documents/<name>", papers.keep,
          "Attach a document to its record", "update"),
    Route("papers_of", "GET", "/documents/<entity>/<name>", papers.many,
          "A document of many records"),
    Route("kept_views", "GET", "/views/<entity>", views.listed, "The views that people keep"),
    Route("keep_view", "POST", "/views/<entity>", views.keep, "Keep a view", "update"),
    Route("kept_view", "GET", "/views/<entity>/<view>", views.read, "One kept view"),
    Route("change_view", "PATCH", "/views/<entity>/<view>", views.change, "Change a kept view",
          "update"),
    Route("drop_view", "DELETE", "/views/<entity>/<view>", views.drop, "Take a view away",
          "update"),
    Route("duplicates", "GET", "/duplicates/<entity>", duplicates.clusters,
          "Records that look like one another"),
    Route("alike", "POST", "/duplicates/<entity>", duplicates.alike,
          "What a record would look like"),
    Route("merge", "POST", f"{RECORD}/merge", duplicates.merge, "Make one record of two",
          "delete"),
    Route("part", "POST", "/merges/<merge>/undo", duplicates.part, "Part what was merged",
          "update"),
    Route("upload", "POST", "/files", files.upload, "Keep a file that a record will name"),
    Route("download", "GET", "/files/<file>", files.download, "A file, to be saved"),
    Route("bulk", "POST", "/bulk/<entity>", bulk.run, "Many writes at once", "update"),
    Route("aggregate", "POST", "/aggregate/<entity>", aggregates.run, "Groups and measures"),
    Route("me", "GET", "/me", me.me, "Who you are here"),
    Route("notices", "GET", "/notices", notices.page, "What you were told"),
    Route("mark_notices", "POST", "/notices", notices.mark, "Read notices, or have done with them"),
    Route("search", "GET", "/search", search.run, "Records of any entity by their words"),
    Route("metadata", "GET", "/metadata", metadata.app, "The app as the person may see it"),
    Route("entity", "GET", "/metadata/entities/<entity>", metadata.entity, "One entity"),
    Route("formula", "POST", "/formula/check", formulas.check, "Check a formula"),
    Route("import", "POST", "/import/<entity>", imports.start, "Take in a file of rows", "import"),
    Route("import_state", "GET", "/import/<record>", imports.state, "How far an import is"),
    Route("imports", "GET", "/import", imports.listed, "The imports that were begun"),
    Route("pause_import", "POST", "/import/<record>/pause", imports.pause, "Let an import stand",
          "import"),
    Route("resume_import", "POST", "/import/<record>/resume", imports.resume, "Go on", "import"),
    Route("cancel_import", "POST", "/import/<record>/cancel", imports.cancel, "End it here",
          "import"),
    Route("undo_import", "POST", "/import/<record>/undo", imports.undo,
          "Take back what an import wrote", "import"),
    Route("export", "GET", "/export/<entity>", exports.run, "All records as a file", "export"),
    Route("export_chosen", "POST", "/export/<entity>", exports.chosen,
          "Chosen records as a file", "export"),
    Route("audit", "GET", "/audit", audits.page, "Who did what, when and from where"),
    Route("audit_file", "GET", "/audit/file", audits.file, "The same as a file"),
    Route("handover", "POST", "/people/<record>/handover", handovers.start,
          "Hand over all that somebody holds, and end their access", "update"),
    Route("handovers", "GET", "/people/<record>/handover", handovers.of_person,
          "The hand-overs of a person"),
    Route("handover_state", "GET", "/handovers/<record>", handovers.state, "How far it is"),
    Route("handover_report", "GET", "/handovers/<record>/report", handovers.report,
          "Every record that was handed over, as a file"),
    Route("person", "GET", "/person/<entity>/<record>", personal.known, "What tells of a person"),
    Route("person_file", "GET", "/person/<entity>/<record>/file", personal.file,
          "Everything known of a person"),
    Route("erase", "POST", "/person/<entity>/<record>/erase", personal.erase,
          "Take everything personal away", "delete"),
    Route("erasure", "GET", "/erasures/<erasure>", personal.erasure, "How far an erasure is"),
    Route("drafts", "GET", "/drafts", drafts.listed, "Changes of the app in the making"),
    Route("begin_draft", "POST", "/drafts", drafts.begin, "Begin a draft", "update"),
    Route("template", "GET", "/template", drafts.template, "What the app stands on"),
    Route("upgrade", "POST", "/template/upgrade", drafts.upgrade,
          "Begin a draft on the newer version of its template", "update"),
    Route("draft", "GET", DRAFT, drafts.read, "A draft, with what is undecided in it"),
    Route("put_draft", "PUT", DRAFT, drafts.replace, "Make a layer all of a draft", "update"),
    Route("merge_draft", "PATCH", DRAFT, drafts.merge, "Merge a layer into a draft", "update"),
    Route("drop_draft", "DELETE", DRAFT, drafts.drop, "Throw a draft away", "delete"),
    Route("plan_draft", "POST", f"{DRAFT}/plan", drafts.plan, "What publishing it would do"),
    Route("decide_draft", "POST", f"{DRAFT}/decide", drafts.decide,
          "Decide what holds where others changed the same", "update"),
    Route("publish_draft", "POST", f"{DRAFT}/publish", drafts.publish, "Publish", "update"),
    Route("publication", "GET", "/publications/<number>", drafts.publication,
          "How far a publish is"),
    Route("revisions", "GET", "/revisions", drafts.revisions, "Every version of the app"),
    Route("revision_diff", "GET", "/revisions/<a>/diff/<b>", drafts.differences,
          "What differs between two versions"),
    Route("restore_revision", "POST", "/revisions/<number>/restore", drafts.restore,
          "Go back to a version", "update"),
    Route("conversions", "GET", "/conversions", conversions.listed, "Types that were changed"),
    Route("kept_texts", "GET", "/conversions/<conversion>", conversions.texts,
          "The texts that did not convert"),
    Route("mend", "POST", "/conversions/<conversion>/mend", conversions.mend,
          "Give one value to all that said the same", "update"),
    Route("close", "POST", "/conversions/<conversion>/close", conversions.close,
          "Let go of what did not convert", "delete"),
    Route("unconverted", "GET", "/conversions/<conversion>/file", conversions.file,
          "Every record that waits, as a file"),
    Route("openapi", "GET", "/openapi.json", documents.document, "This document"),
)  # fmt: skip
"""Order is the order of the documentation."""
