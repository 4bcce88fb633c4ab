"""What a plan's steps and effects are called, in the product's own languages.

`{table}`-like names are a step's or effect's params; `{entity}` and `{field}` are labels
where the model has them; `{rows}` is how many records it is about, and `{rows:one|several}` the
word that agrees with it.
"""

# ruff: noqa: E501 - a sentence reads best on one line
from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from engine.schema.approval_words import APPROVAL_WORDS
from engine.schema.run_words import RUN_WORDS, called_script
from engine.schema.steps import Effect, Step
from metamodel.access import Role
from metamodel.approvals import Approval
from metamodel.model import Entity, Model
from metamodel.numbered import numbered
from metamodel.respelling import by_labels

Words = Mapping[str, str]

STEP_WORDS: Mapping[str, Words] = MappingProxyType(
    {
        "create_table": {"en": "make the table of {entity}", "zh": "新建“{entity}”的数据表"},
        "add_column": {
            "en": "add column {column} to {entity}",
            "zh": "为“{entity}”增加列 {column}",
        },
        "widen_column": {
            "en": "widen column {column} of {entity}",
            "zh": "放宽“{entity}”的列 {column}",
        },
        "add_constraint": {
            "en": "hold {constraint} on {entity} for records to come",
            "zh": "对“{entity}”的新数据启用约束 {constraint}",
        },
        "validate_constraint": {
            "en": "check {constraint} on the records of {entity}",
            "zh": "用约束 {constraint} 检查“{entity}”的现有数据",
        },
        "create_index": {
            "en": "build index {index} on {entity}",
            "zh": "为“{entity}”建立索引 {index}",
        },
        "create_unique_index": {
            "en": "build unique index {index} on {entity}",
            "zh": "为“{entity}”建立唯一索引 {index}",
        },
        "drop_index": {
            "en": "drop index {index} of {entity}",
            "zh": "删除“{entity}”的索引 {index}",
        },
        "drop_constraint": {
            "en": "drop {constraint} of {entity}",
            "zh": "删除“{entity}”的约束 {constraint}",
        },
        "convert_values": {
            "en": "convert {field} of {entity} from {from} to {to}",
            "zh": "把“{entity}”的“{field}”由 {from} 转换为 {to}",
        },
        "keep_values": {
            "en": "keep the values of {field} of {entity} as they are now",
            "zh": "保留“{entity}”的“{field}”的原值",
        },
        "keep_entered": {
            "en": "keep what was entered in {field} of {entity} beside what is computed",
            "zh": "另外保留“{entity}”的“{field}”中填写的值",
        },
        "open_conversion": {
            "en": "keep the values of {field} of {entity} that are no {to} beside it",
            "zh": "另外保留“{entity}”的“{field}”中无法转换为 {to} 的原值",
        },
        "purge_field": {
            "en": "delete the values of {field} of {entity} for good",
            "zh": "彻底删除“{entity}”的“{field}”的全部数据",
        },
        "purge_entity": {
            "en": "delete all records of {entity} for good",
            "zh": "彻底删除“{entity}”的全部记录",
        },
        "round_values": {
            "en": "round {field} of {entity} to {scale} decimals",
            "zh": "把“{entity}”的“{field}”四舍五入到 {scale} 位小数",
        },
        "restore_values": {
            "en": "give {field} of {entity} back what was kept of it",
            "zh": "恢复“{entity}”的“{field}”的原值",
        },
        "fill_stage": {
            "en": "put records of {entity} into the stage {stage}",
            "zh": "把“{entity}”的现有记录放入阶段 {stage}",
        },
        "move_options": {
            "en": "change {field} of {entity} from {option} to {into} where records have it",
            "zh": "把“{entity}”的“{field}”由“{option}”改为“{into}”",
        },
        "move_stages": {
            "en": "move the records of {entity} in {option} to {into}",
            "zh": "把“{entity}”中处于“{option}”的记录移到“{into}”",
        },
        "split_options": {
            "en": "change {field} of {entity} from {option} to {into} where the condition holds",
            "zh": "把“{entity}”中符合条件的记录的“{field}”由“{option}”改为“{into}”",
        },
        "split_stages": {
            "en": "move the records of {entity} in {option} for which the condition holds to "
            "{into}",
            "zh": "把“{entity}”中处于“{option}”且符合条件的记录移到“{into}”",
        },
        "return_options": {
            "en": "give {field} of {entity} the option {option} back where {into} took its place",
            "zh": "把“{entity}”的“{field}”由“{into}”恢复为“{option}”",
        },
        "return_stages": {
            "en": "move the records of {entity} that came from {option} to {into} back",
            "zh": "把“{entity}”中由“{option}”并入“{into}”的记录移回",
        },
        "retrace_options": {
            "en": "give {field} of {entity} the option {option} back that it had then",
            "zh": "把“{entity}”的“{field}”恢复为当时的“{option}”",
        },
        "retrace_stages": {
            "en": "move the records of {entity} in {into} back to {option}, where they were then",
            "zh": "把“{entity}”中处于“{into}”的记录移回当时的“{option}”",
        },
        "list_moves": {
            "en": "make room for the list of records of {entity} that move",
            "zh": "为“{entity}”要移动的记录准备清单",
        },
        "move_beside": {
            "en": "write {field} of {entity} anew beside, and list the records that move",
            "zh": "另行写入“{entity}”的“{field}”的新值，并列出要移动的记录",
        },
        "begin_moves": {
            "en": "begin the entry in the history of what moves",
            "zh": "在历史中开始记录本次移动",
        },
        "end_moves": {
            "en": "take the list of what moved away",
            "zh": "删除移动清单",
        },
        "forget_kept": {
            "en": "forget what was kept of {field} of {entity}, now that it is back",
            "zh": "清除“{entity}”的“{field}”已恢复的备份值",
        },
        "list_kept": {
            "en": "list the values of {field} of {entity} that are no {to}",
            "zh": "列出“{entity}”的“{field}”中无法转换为 {to} 的原值",
        },
        "fill_computed": {
            "en": "compute {fields} of {entity}",
            "zh": "计算“{entity}”的“{fields}”",
        },
        "encrypt_values": {
            "en": "encrypt {field} of {entity}",
            "zh": "加密“{entity}”的“{field}”",
        },
        "purge_clear": {
            "en": "take the clear values of {field} of {entity} out of its table",
            "zh": "清除“{entity}”的“{field}”的明文",
        },
        "purge_history": {
            "en": "take the clear values of {field} of {entity} out of history and kept answers",
            "zh": "从历史和暂存应答中清除“{entity}”的“{field}”的明文",
        },
        "note_changes": {
            "en": "note which records of {entity} are saved meanwhile",
            "zh": "记下期间保存的“{entity}”记录",
        },
        "stop_noting": {
            "en": "stop noting what is saved in {entity}",
            "zh": "停止记录“{entity}”的保存",
        },
        "swap_column": {
            "en": "put the new values of {column} of {entity} in place",
            "zh": "启用“{entity}”的 {column} 的新值",
        },
        "swap_index": {
            "en": "put the index {index} of {entity} in place",
            "zh": "启用“{entity}”的索引 {index}",
        },
        "drop_column": {
            "en": "take the former computed values {column} of {entity} away",
            "zh": "删除“{entity}”原来的计算值 {column}",
        },
        "fill_sort_keys": {
            "en": "compute search and sort keys of {entity}",
            "zh": "计算“{entity}”的搜索与排序键",
        },
    }
)
"""A phrase for every code of a step."""

EFFECT_WORDS: Mapping[str, Words] = MappingProxyType(
    {
        "entity_retired": {
            "en": "{entity} goes out of sight with {rows} {rows:record; it is|records; they are} kept.",
            "zh": "“{entity}”将停用，其中 {rows} 条记录会保留但不可见。",
        },
        "field_retired": {
            "en": "{field} of {entity} goes out of sight with {rows} {rows:value; it is|values; they are} kept.",
            "zh": "“{entity}”的“{field}”将停用，其中 {rows} 个值会保留但不可见。",
        },
        "field_moved": {
            "en": "{rows} {rows:link|links} in {field} of {entity} {rows:points|point} where it no longer may point.",
            "zh": "“{entity}”的“{field}”中有 {rows} 个关联指向不再允许的对象。",
        },
        "encryption_off": {
            "en": "{rows} {rows:value|values} in {field} of {entity} {rows:is encrypted, and stays|are encrypted, and stay} so: make another field for what may lie open.",
            "zh": "“{entity}”的“{field}”中有 {rows} 个值已加密，不能改回明文：请另建字段。",
        },
        "now_required": {
            "en": "{rows} {rows:record|records} of {entity} {rows:has|have} no {field}; {rows:it|each} is asked for it when it is saved next.",
            "zh": "“{entity}”有 {rows} 条记录没有填写“{field}”，下次保存时需要补填。",
        },
        "breaks_rule": {
            "en": "{rows} {rows:record|records} of {entity} {rows:breaks|break} the rule {rule}; {rows:it|each} is refused when it is saved next, until it is mended.",
            "zh": "“{entity}”有 {rows} 条记录不符合规则 {rule}，下次保存前需要改正。",
        },
        "not_unique": {
            "en": "{rows} records of {entity} share what has to be unique ({fields}): make them "
            "differ first.",
            "zh": "“{entity}”有 {rows} 条记录的“{fields}”重复，请先改为互不相同。",
        },
        "not_converted": {
            "en": "{rows} {rows:value|values} of {field} of {entity} cannot be read as {to}; {rows:it is|they are} kept aside.",
            "zh": "“{entity}”的“{field}”有 {rows} 个值无法转换为 {to}，原值会另外保留。",
        },
        "no_conversion": {
            "en": "{rows} {rows:value|values} of {field} of {entity} cannot become {to}: add another field of that type, fill it, and retire this one.",
            "zh": "“{entity}”的“{field}”有 {rows} 个值无法变为 {to}："
            "请另建该类型的字段，填好后停用此字段。",
        },
        "now_computed": {
            "en": "{rows} {rows:value|values} of {field} of {entity} that {rows:was|were} entered {rows:gives way to a computed one; it is|give way to computed ones; they are} kept aside.",
            "zh": "“{entity}”的“{field}”有 {rows} 个填写的值会被计算结果取代，原值会另外保留。",
        },
        "field_purged": {
            "en": "The values of {field} of {entity} are deleted for good: no version brings them "
            "back.",
            "zh": "“{entity}”的“{field}”的数据将被彻底删除，任何版本都无法恢复。",
        },
        "entity_purged": {
            "en": "All records of {entity}, about {rows}, are deleted for good: no version brings "
            "them back.",
            "zh": "“{entity}”的全部记录（约 {rows} 条）将被彻底删除，任何版本都无法恢复。",
        },
        "comes_back_empty": {
            "en": "{entity} {field} comes back empty: its data was deleted for good with version "
            "{revision}.",
            "zh": "“{entity}”{field} 恢复后没有数据：其数据已在第 {revision} 版彻底删除。",
        },
        "option_retired": {
            "en": "{rows} {rows:record|records} of {entity} {rows:has|have} the option {option} of {field}, which goes.",
            "zh": "“{entity}”有 {rows} 条记录的“{field}”为将停用的选项 {option}。",
        },
        "stage_retired": {
            "en": "{rows} {rows:record|records} of {entity} {rows:is|are} in the stage {option}, which goes.",
            "zh": "“{entity}”有 {rows} 条记录处于将停用的阶段 {option}。",
        },
        "option_moves": {
            "en": "{rows} {rows:record|records} of {entity} {rows:gets|get} {into} in place of {option} as {rows:its|their} {field}.",
            "zh": "“{entity}”有 {rows} 条记录的“{field}”会由“{option}”改为“{into}”。",
        },
        "stage_moves": {
            "en": "{rows} {rows:record|records} of {entity} {rows:moves|move} from {option} to {into}.",
            "zh": "“{entity}”有 {rows} 条记录会由“{option}”移到“{into}”。",
        },
        "option_returns": {
            "en": "{rows} {rows:record|records} of {entity} {rows:gets|get} {option} back as {rows:its|their} {field}.",
            "zh": "“{entity}”有 {rows} 条记录的“{field}”会恢复为“{option}”。",
        },
        "stage_returns": {
            "en": "{rows} {rows:record|records} of {entity} {rows:moves|move} back to {option}.",
            "zh": "“{entity}”有 {rows} 条记录会移回“{option}”。",
        },
        "split_unclear": {
            "en": "{into} takes records of {entity} from {option} by something that this version "
            "changes, too: publish that change first, and split then.",
            "zh": "“{entity}”的“{into}”从“{option}”拆分所依据的内容也在此次更改之中："
            "请先发布那项更改，再进行拆分。",
        },
        "stays_moved": {
            "en": "{rows} {rows:record|records} of {entity} that came from {option} {rows:was|were} changed since: {rows:its|their} {field} stays.",
            "zh": "“{entity}”有 {rows} 条来自“{option}”的记录此后有过修改，“{field}”保持不变。",
        },
        "views_lose": {
            "en": "{rows} {rows:view|views} that people keep {rows:shows, or looks|show, or look} for, {fields} of {entity}: {rows:it goes|they go} on without.",
            "zh": "{rows} 个由用户保存的视图用到了“{entity}”的{fields}，发布后将不再包含。",
        },
        "tokens_lose": {
            "en": "{rows} API {rows:token that names|tokens that name} {entity} {rows:reaches|reach} it no more.",
            "zh": "{rows} 个 API 令牌指定了“{entity}”，发布后将无法再访问。",
        },
        **APPROVAL_WORDS,
        **RUN_WORDS,
        "starters_planted": {
            "en": "{rows} {rows:record|records} of {entity} {rows:comes|come} along with the new version.",
            "zh": "新版本附带 {rows} 条“{entity}”记录，发布后添加。",
        },
        "values_change": {
            "en": "{field} of {entity} becomes another in {rows} of {of} {of:record|records}: {before} in all becomes {after}, each changes by {least} to {most}.",
            "zh": "“{entity}”的“{field}”在 {of} 条记录中有 {rows} 条会变："
            "合计由 {before} 变为 {after}，单条变化 {least} 至 {most}。",
        },
        "values_differ": {
            "en": "{field} of {entity} becomes another in {rows} of {of} {of:record|records}.",
            "zh": "“{entity}”的“{field}”在 {of} 条记录中有 {rows} 条会变。",
        },
        "looked_at_part": {
            "en": "{entity} has too many records to look at all of them now: counts marked as "
            "estimates come from about {rows} of them.",
            "zh": "“{entity}”的记录太多，标为估计的数字按其中约 {rows} 条推算。",
        },
        "crowded": {
            "en": "{field} of {entity} is added up over {rows} records of one and the same "
            "{entity}: whoever writes one of them waits for the others. Say `stored: false`, "
            "and it is added up when it is read.",
            "zh": "“{entity}”的“{field}”要汇总同一条记录下的 {rows} 条明细，"
            "这些明细的写入会互相等待。"
            "建议写 `stored: false`，改为读取时汇总。",
        },
        "rounded": {
            "en": "{rows} {rows:value|values} of {field} of {entity} {rows:loses decimals; what it was|lose decimals; what they were} is kept.",
            "zh": "“{entity}”的“{field}”有 {rows} 个值会被四舍五入，原值会另外保留。",
        },
        "too_large": {
            "en": "{rows} {rows:value|values} of {field} of {entity} {rows:is|are} too large for the new type: change {rows:it|them} first.",
            "zh": "“{entity}”的“{field}”有 {rows} 个值超出新类型的范围，请先修改。",
        },
        "too_long": {
            "en": "{rows} {rows:value|values} of {field} of {entity} {rows:is|are} longer than {most} characters; {rows:it|each} is asked to be shorter when it is saved next.",
            "zh": "“{entity}”的“{field}”有 {rows} 个值超过 {most} 个字符，下次保存时需要缩短。",
        },
    }
)
"""A sentence for every code of an effect."""


def words(subject: Step | Effect, model: Model, language: str) -> str:
    """Return what a step or effect is called in a language, with the model's labels."""
    table = STEP_WORDS if isinstance(subject, Step) else EFFECT_WORDS
    template = table[subject.code].get(language) or table[subject.code]["en"]
    entity = model.entities.get(subject.touches)
    named: dict[str, object] = {"rows": subject.rows, **subject.params}
    named["entity"] = _entity_label(entity, subject.touches, language)
    if "field" in named:
        for each in ("option", "into"):
            if each in named:
                named[each] = _option_label(entity, str(named["field"]), named[each], language)
        named["field"] = _field_label(entity, str(named["field"]), language)
    for name, known in (("approval", model.approvals), ("role", model.roles)):
        if name in named:
            named[name] = _called(known, str(named[name]), language)
    if "automation" in named:
        named["automation"] = called_script(model, str(named["automation"]), language)
    keys = subject.fields if isinstance(subject, Step) else subject.params.get("fields", ())
    if isinstance(keys, tuple):
        named["fields"] = ", ".join(_field_label(entity, str(key), language) for key in keys)
    said = template.format_map(numbered(named))
    if "where" not in named:
        return said
    # A condition stands within the sentence, at its end.
    stop = said[-1] if said[-1] in ".。" else ""
    return said.removesuffix(stop) + _where(model, subject, language) + stop


def _where(model: Model, subject: Step | Effect, language: str) -> str:
    text = by_labels(model, subject.touches, str(subject.params["where"]), language)
    return f"（{text}）" if language == "zh" else f" ({text})"


def _entity_label(entity: Entity | None, key: str, language: str) -> str:
    return (entity.label.text(language) if entity else "") or key


def _called(known: Mapping[str, Approval] | Mapping[str, Role], key: str, language: str) -> str:
    """Return what an approval or a role is called."""
    found = known.get(key)
    label = found.label if found is not None else None
    return (label.text(language) if label is not None else "") or key


def _field_label(entity: Entity | None, key: str, language: str) -> str:
    field = entity.fields.get(key) if entity else None
    return (field.label.text(language) if field else "") or key


def _option_label(entity: Entity | None, field: str, key: object, language: str) -> str:
    found = entity.fields.get(field) if entity else None
    option = found.options.get(str(key)) if found else None
    return (option.label.text(language) if option else "") or str(key)
