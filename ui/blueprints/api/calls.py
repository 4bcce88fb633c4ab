"""What the calls of the API are described with: parameters, bodies, answers, refusals."""

from __future__ import annotations

from collections.abc import Mapping

from ui.blueprints.api.arguments import MAX_LIMIT
from ui.blueprints.api.shapes import TEXT, Json, reference

REFUSALS: Mapping[str, str] = {
    "400": "The request cannot be understood",
    "401": "No live token or session",
    "403": "Not allowed",
    "404": "No such record, or not yours to see",
    "409": "Somebody else was first, or the form has changed: send it again",
    "410": "The cursor is stale: start at the first page",
    "412": "Somebody else saved meanwhile",
    "413": "Too large",
    "415": "Not JSON",
    "422": "What was sent is refused; every error is listed",
    "429": "Too many requests",
    "503": "The database does not answer",
    "507": "The database has no room left",
}

SUMMARIES = {
    "restore": "Take back from the trash",
    "recalculate": "Take exchange rates anew",
    "history": "Who changed what",
    "why": "What a computed figure is made of",
    "access": "What somebody may do with a record, and why",
    "shares": "With whom a record is shared",
    "share": "Share a record with a person, department, team or role",
    "unshare": "Take a share back",
    "rights": "What somebody may do with records of this kind, and why",
    "comment": "Say something about a record",
    "reword": "Put other words into a comment",
    "withdraw": "Take a comment back",
    "timeline": "What became of a record",
    "bulk": "Many writes at once",
    "aggregate": "Groups and measures",
    "person": "What tells of a person",
    "personfile": "Everything that is known of a person, as one file",
    "erase": "Take everything personal of a person away",
    "erasure": "How far an erasure is",
    "unmask": "An encrypted value in the clear, which is logged",
    "stages": "Where it was, and how long",
    "move": "Move to a stage",
    "convert": "Make other records from this one",
    "entity": "One entity",
    "check_formula": "Check a formula",
    "importing": "How far an import is, and the rows it rejected",
    "me": "Who you are here",
    "notices": "What you were told",
    "mark_notices": "Read notices, or have done with them",
    "approvals": "Approvals you have to do with: to decide, your own, copies, decided before",
    "approval": "One approval: its steps with who was, is and will be asked",
    "decide": "Decide on an approval, return it, hand it on, or say something to it",
    "approvalsof": "The approvals of a record, and what it can be submitted to",
    "previewapproval": "Who would be asked, in which order, if it were submitted now",
    "messages": "Messages to people outside and from them, the latest first",
    "sendagain": "Send a message that was not sent",
    "messagesof": "The messages about a record",
    "writemail": "Send a mail from a record",
    "runs": "What automations did, the latest first",
    "run": "One run: what set it off, and what became of each step",
    "again": "Do a run again, from its beginning or from a step",
    "try": "What an automation would do on a record; nothing is kept",
    "failedjobs": "Jobs that will not be tried again by themselves",
    "jobagain": "Have a failed job tried again",
    "dropjob": "Have done with a failed job",
    "buttons": "The buttons that may be pressed on a record now",
    "press": "Press a button",
    "submit": "Submit a record to an approval, or a change of it",
    "pools": "The public pools that you are a member of, and what you may still claim",
    "pool": "What lies in a pool, as its members see it",
    "poolrecord": "One record of a pool, as its members see it",
    "claim": "Claim records of a pool, or some of those that wait longest: each goes to one person",
    "giveback": "Give a record back to a pool, with a reason",
    "holders": "Who had a record, the latest first, and why that changed",
    "clocks": "How the service levels of a record stand",
    "search": "Records by their words",
    "app": "The app",
    "list": "A page of records",
    "create": "Create a record, its lines nested",
    "read": "One record with its lines",
    "update": "Change what is named",
    "trash": "Move to the trash",
    "attached": "The files attached to a record",
    "attach": "Attach a file",
    "detach": "Take a file off a record",
    "upload": "Keep a file that a record will name",
    "download": "A file, to be saved",
    "import": "Take in a file of rows",
    "imports": "The imports that were begun",
    "pause_import": "Let an import stand where it is",
    "resume_import": "Go on with an import that stands",
    "cancel_import": "End an import where it is",
    "undo_import": "Take back all that an import wrote",
    "papers": "The documents that a record can be printed as",
    "paper": "A document of a record",
    "keeppaper": "Attach a document to its record",
    "papersof": "A document of many records",
    "keptviews": "The views that people keep, with what each says",
    "keptview": "One kept view",
    "keepview": "Keep a view, for oneself, some people or everybody",
    "changeview": "Change a kept view for everybody who sees it",
    "dropview": "Take a kept view away",
    "duplicates": "Records that agree in what the rules for duplicates compare",
    "alike": "The records that one with these values would look like",
    "merge": "Make one record of two, with all that hangs on both",
    "part": "Part what was merged, except in what somebody changed since",
    "export": "All records as a file",
    "exportchosen": "Chosen records as a file",
    "handover": "Hand over all that somebody holds, and end their access",
    "handovers": "The hand-overs of a person",
    "audit": "Who did what, when and from where, the latest first",
    "conversions": "Changes of type that are not closed",
    "kept": "What of a record did not convert",
    "kept_texts": "The texts that did not convert",
    "mend": "Give one value to all that said the same",
    "close": "Let go of what did not convert, for good",
    "unconverted": "Every record whose value did not convert, as a file",
    "drafts": "Every draft, the one changed last first",
    "begin_draft": "Begin a draft, with changes or without",
    "template": "What the app stands on, and which version of it comes along",
    "upgrade": "Begin a draft on the version of the template that comes along",
    "draft": "A draft, with what is undecided in it",
    "put_draft": "Make a layer the whole of a draft",
    "merge_draft": "Merge a layer into a draft",
    "drop_draft": "Throw a draft away",
    "plan_draft": "What publishing a draft would do",
    "decide_draft": "Decide what holds where others changed the same things",
    "publish_draft": "Publish a draft",
    "publication": "How far a publish is that goes on in the background",
    "revisions": "Every version of the app, the newest first",
    "revision_diff": "What differs between two versions",
    "restore_revision": "Go back to a version, by publishing it again",
}
"""What each call does, by the beginning of its name."""


def of_one(**operations: Json) -> Json:
    """Return the calls on one record, by its id."""
    return {"parameters": [in_path("id", TEXT)], **operations}


def call_of(
    name: str,
    answer: Json,
    *,
    body: str = "",
    success: str = "200",
    parameters: list[Json] | None = None,
) -> Json:
    """Return a call: what it takes, what it answers, how it may refuse."""
    summary = SUMMARIES.get(name) or SUMMARIES[name.partition("_")[0]]
    responses: Json = {success: {"description": summary, **answer}}
    for status, meaning in REFUSALS.items():
        problem = {"application/problem+json": {"schema": reference("problem")}}
        responses[status] = {"description": meaning, "content": problem}
    operation: Json = {"operationId": name, "summary": summary, "responses": responses}
    if parameters:
        operation["parameters"] = parameters
    if body:
        content = {"application/json": {"schema": reference(body)}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def gives(name: str) -> Json:
    """Return an answer with a schema of this document."""
    return content_of(reference(name))


def content_of(schema: Json) -> Json:
    """Return an answer with this schema."""
    return {"content": {"application/json": {"schema": schema}}}


def in_query(name: str, schema: Json) -> Json:
    """Return a parameter of the query string."""
    return {"name": name, "in": "query", "schema": schema}


def limited(default: int) -> Json:
    """Return how much a page may hold."""
    within = {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": default}
    return in_query("limit", within)


def in_path(name: str, schema: Json) -> Json:
    """Return a part of the path."""
    return {"name": name, "in": "path", "required": True, "schema": schema}
