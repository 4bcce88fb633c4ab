"""What a plan's effects on approvals under way are called, in the product's own languages."""

# ruff: noqa: E501 - a sentence reads best on one line
from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

APPROVAL_WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "approvals_move": {
            "en": "{rows} of these {entity} {rows:is|are} being approved: the {rows:approval goes|approvals go} on, with the same people and the same time, over the record where it is then.",
            "zh": "其中 {rows} 条“{entity}”正在审批：审批人与时限不变，审批随记录移到新位置后继续。",
        },
        "approvals_keep": {
            "en": "{rows} “{approval}” {rows:is|are} under way and {rows:keeps the course it|keep the course they} began with. Administrators can move {rows:it|them} to the new one under Automations › Approvals.",
            "zh": "有 {rows} 个“{approval}”正在进行，将按提交时的流程走完；管理员可在“自动化 › 审批”中改用新流程。",
        },
        "approvals_left": {
            "en": "{rows} “{approval}” {rows:is|are} under way: people can still decide, but nothing is locked any more, and nothing follows from it.",
            "zh": "有 {rows} 个“{approval}”正在进行：仍可审批，但不再锁定记录，通过后也不会执行后续动作。",
        },
        "approvals_drop": {
            "en": "{rows} {rows:change that waits|changes that wait} for approval {rows:holds|hold} a value for {field} of {entity}: the rest of {rows:it|them} is written without.",
            "zh": "有 {rows} 个待批准的更改包含“{entity}”的“{field}”：批准后其余内容照常生效，此项不再写入。",
        },
        "approvals_rest": {
            "en": "{rows} {rows:approval|approvals} of {entity} {rows:rests|rest} while it is out of sight, and {rows:goes|go} on when it is restored.",
            "zh": "“{entity}”有 {rows} 个审批正在进行，停用期间暂停，恢复后继续。",
        },
        "approvals_role": {
            "en": "{rows} {rows:approval|approvals} of {entity} {rows:waits|wait} for people whose role {role} goes: see that somebody else is put in, under Automations › Approvals.",
            "zh": "“{entity}”有 {rows} 个审批正等待角色“{role}”的人员，该角色将停用：请在“自动化 › 审批”中改派他人。",
        },
    }
)
"""A sentence for every code of such an effect."""
