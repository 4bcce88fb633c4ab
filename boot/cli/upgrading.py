"""`upgrade`: bringing tenants to a newer version of the template that they stand on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast, get_args

import click

from boot.catalogue import pack_document, pack_names, template_documents
from boot.cli.failures import problem_lines, terminal_language
from boot.cli.options import as_json, with_settings, yes
from boot.cli.output import show_json, show_table
from boot.settings import Settings
from boot.upgrading import standing_on, upgrade_all
from boot.wiring import House, house
from engine.schema.revisions import Document
from engine.upgrading import Outcome, Rules, Wanted
from metamodel.dump import dump
from metamodel.threeway import Answer, Kind, Path, Question

DONE = ("current", "ready", "upgraded")
"""Results that are no refusal."""

_RESULTS = {
    "current": {"en": "stood on it already", "zh": "已是此版本"},
    "ready": {"en": "can be upgraded", "zh": "可以升级"},
    "upgraded": {"en": "upgraded", "zh": "已升级"},
    "asked": {"en": "asked: stays on the old version", "zh": "有待定问题，仍为旧版本"},
    "red": {
        "en": "stopped by a red scenario: stays on the old version",
        "zh": "场景未通过，仍为旧版本",
    },
    "refused": {
        "en": "refused by its data: stays on the old version",
        "zh": "数据不允许，仍为旧版本",
    },
    "failed": {"en": "failed: stays on the old version", "zh": "失败，仍为旧版本"},
}


@click.command()
@click.argument("tenant", required=False)
@click.option("--all", "all_", is_flag=True, help="Every live tenant that stands on it.")
@click.option("--template", required=True, metavar="NAME|FILE", help="The newer app or pack.")
@click.option("--dry-run", is_flag=True, help="Show what would become of it, and do nothing.")
@click.option("--theirs", "always", flag_value="theirs", help="The template wins every question.")
@click.option("--ours", "always", flag_value="ours", help="The tenant wins every question.")
@click.option("--proposals", is_flag=True, help="Take what is proposed for every question.")
@click.option("--rule", "rules", multiple=True, metavar="KIND=ANSWER", help="For one kind of them.")
@click.option("--answer", "paths", multiple=True, metavar="PATH=ANSWER", help="For one question.")
@click.option("--despite-red", is_flag=True, help="Also where scenarios fail.")
@as_json
@yes
@with_settings
def upgrade(
    settings: Settings,
    tenant: str | None,
    template: str,
    *,
    all_: bool,
    json_: bool,
    **given: object,
) -> int:
    """Upgrade a tenant, or all, to the newer version of a template that comes along or is given.

    Changes of the template and of the tenant are merged. What both changed is a question: it
    is kept as a draft, and answered by --theirs, --ours, --rule, --answer, or on the draft.
    """
    if (tenant is None) is not all_:
        raise click.UsageError("Name one tenant, or say --all.")
    documents = _documents(template)
    wanted = Wanted(
        documents,
        rules=_rules(given),
        dry_run=bool(given["dry_run"]),
        allow_loss=bool(given["yes"]),
        despite_red=bool(given["despite_red"]),
    )
    with house(settings) as built:
        names = standing_on(built, documents) if tenant is None else (_known(built, tenant),)
        found = []
        for outcome in upgrade_all(built, names, wanted):
            found.append(outcome)
            if not json_:
                _show(outcome)
    if json_:
        facts = [_facts(each) for each in found]
        show_json(facts if all_ else facts[0])
    elif all_:
        _sum(found)
    return _status(found)


def _documents(template: str) -> tuple[Document, ...]:
    """Return the chain of an app, or one pack."""
    if template in pack_names():
        return (pack_document(template),)
    return template_documents(template)[:-1]


def _known(built: House, tenant: str) -> str:
    return built.registry.get(tenant).tenant.name


def _rules(given: dict[str, object]) -> Rules:
    kinds = _pairs("--rule", given["rules"], get_args(Kind))
    paths = _pairs("--answer", given["paths"], ())
    return Rules(
        always=cast("Answer | None", given["always"]),
        kinds=cast("dict[Kind, Answer]", kinds),
        paths={_path(name): answer for name, answer in paths.items()},
        proposals=bool(given["proposals"]),
    )


def _pairs(option: str, texts: object, names: Sequence[str]) -> dict[str, Answer]:
    """Read NAME=ANSWER of a repeated option; refuse names and answers that there are not."""
    found: dict[str, Answer] = {}
    for text in cast("Sequence[str]", texts):
        name, _, answer = text.rpartition("=")
        if answer not in get_args(Answer) or not name or (names and name not in names):
            what = f"KIND, one of {', '.join(names)}," if names else "PATH"
            raise click.UsageError(f"{option} {text}: write {what} and =theirs, =ours or =both.")
        found[name] = cast("Answer", answer)
    return found


def _path(text: str) -> Path:
    """Read a path as questions show it: names with dots between, `/` where a name has dots."""
    return tuple(text.split("/" if "/" in text else "."))


def path_text(path: Path) -> str:
    """Return a path as one text, which `--answer` takes back."""
    return ("/" if any("." in name for name in path) else ".").join(path)


def _show(outcome: Outcome) -> None:
    language = terminal_language()
    version = f"{outcome.before} → {outcome.after}" if outcome.after else ""
    parts = [outcome.tenant, version, _RESULTS[outcome.result][language], outcome.error]
    click.echo("  ".join(part for part in parts if part))
    if outcome.red:
        click.echo(f"    {', '.join(outcome.red)}")
    for question in outcome.questions:
        click.echo(f"    {path_text(question.path)} ({question.kind})")
        for side in ("base", "theirs", "ours"):
            click.echo(f"        {side}: {_value(getattr(question, side))}")
        click.echo(f"        proposal: {question.proposal}")
    for problem in outcome.problems:
        for line in problem_lines(problem, language):
            click.echo(f"    {line}")
    if outcome.draft:
        click.echo(f"    draft: {outcome.draft}")


def _value(value: object) -> str:
    return "-" if value is None else dump({"v": value}).removeprefix("v:").strip()


def _sum(found: Sequence[Outcome]) -> None:
    counts: dict[str, int] = {}
    for each in found:
        counts[each.result] = counts.get(each.result, 0) + 1
    language = terminal_language()
    show_table(
        ("result", "tenants"), [(_RESULTS[name][language], str(n)) for name, n in counts.items()]
    )


def _facts(outcome: Outcome) -> dict[str, object]:
    return {
        "tenant": outcome.tenant,
        "result": outcome.result,
        "from": outcome.before,
        "to": outcome.after,
        "revision": outcome.revision,
        "draft": outcome.draft,
        "error": outcome.error,
        "red": list(outcome.red),
        "questions": [_question(each) for each in outcome.questions],
        "problems": [
            {"code": each.code, "path": list(each.place.path), "sentence": each.sentence}
            for each in outcome.problems
        ],
    }


def _question(question: Question) -> dict[str, object]:
    return {
        "path": list(question.path),
        "kind": question.kind,
        "base": question.base,
        "theirs": question.theirs,
        "ours": question.ours,
        "proposal": question.proposal,
    }


def _status(found: Sequence[Outcome]) -> int:
    """Return 2 where only --yes is missing, 1 where a tenant was left behind for another reason."""
    left = [each for each in found if each.result not in DONE]
    if left and all(each.error == "data_loss" for each in left):
        return 2
    return 1 if left else 0
