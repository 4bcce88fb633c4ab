"""How rights are explained, by code: (English, Chinese)."""

# ruff: noqa: E501 - a sentence reads best on one line
from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from engine.phrases import Phrase

ACTIONS: Mapping[str, Phrase] = MappingProxyType({
    "create": ("create", "新建"),
    "read": ("see", "查看"),
    "update": ("change", "修改"),
    "delete": ("delete", "删除"),
    "export": ("export", "导出"),
    "import": ("import", "导入"),
})  # fmt: skip

SCOPES: Mapping[str, Phrase] = MappingProxyType({
    "own": ("what the person owns", "本人负责的记录"),
    "team": ("what the person's team owns", "本团队负责的记录"),
    "department": ("what belongs to the person's department", "本部门的记录"),
    "department_tree": ("what belongs to the person's department or one below it", "本部门及下级部门的记录"),
    "all": ("every record", "全部记录"),
})  # fmt: skip

RULES: Mapping[str, Phrase] = MappingProxyType({
    "everything": ("{role} holds every right", "{role}拥有全部权限"),
    "known": ("colleagues, departments and teams are known to everybody here", "同事、部门和团队对所有人可见"),
    "uploader": ("whoever uploaded a file may use it", "上传者可以使用自己上传的文件"),
    "grant": ("the role “{role}” allows it for {scope}", "角色“{role}”允许：{scope}"),
    "grant_where": ("the role “{role}” allows it where {text}", "角色“{role}”允许，条件：{text}"),
    "deny": ("the role “{role}” forbids it for {scope}", "角色“{role}”禁止：{scope}"),
    "deny_where": ("the role “{role}” forbids it where {text}", "角色“{role}”禁止，条件：{text}"),
    "share": ("it is shared with the person", "该记录已共享给本人"),
    "share_where": ("it is shared with the person, with whom the person stands in for, or with a department, team or role of theirs", "该记录已共享给本人、被代理人，或其部门、团队、角色"),
    "member": ("the person is a member of the record", "本人是该记录的成员"),
    "member_where": ("the person is a member of the record: {text}", "本人是该记录的成员：{text}"),
    "follows": ("the rights on a linked record reach it", "对关联记录的权限适用于此记录"),
    "follows_where": ("the rights on a linked record reach it", "对关联记录的权限适用于此记录"),
    "pool": ("it is in the public pool “{name}”", "该记录在公海“{name}”中"),
    "pool_where": ("it is in the public pool “{name}”", "该记录在公海“{name}”中"),
    "other": ("“{name}” reaches it", "“{name}”适用"),
})  # fmt: skip

VERDICTS: Mapping[str, Phrase] = MappingProxyType({
    "granted": ("{person} may {action} this: {rule}.", "{person}可以{action}：{rule}。"),
    "token_scope": ("The token does not reach far enough to {action} this.", "令牌的范围不包括{action}。"),
    "no_grant": ("No role of {person} allows to {action} records of this kind.", "{person}的角色都不允许{action}此类记录。"),
    "denied": ("{person} may not {action} this: {rule}. A rule that forbids wins over every other.", "{person}不能{action}：{rule}。禁止优先于任何允许。"),
    "not_seen": ("{person} may not {action} this, because {person} does not see it.", "{person}不能{action}，因为{person}看不到该记录。"),
    "out_of_scope": ("{person} may {action} some records of this kind, but no rule that allows it holds for this one.", "{person}可以{action}部分此类记录，但没有一条允许的规则适用于这条记录。"),
    "switched_off": ("The module that this belongs to is switched off.", "所属模块已停用。"),
    "inactive": ("{person} cannot sign in, and so may do nothing.", "{person}已停用，无法登录，因此没有任何权限。"),
})  # fmt: skip

FIELDS: Mapping[str, Phrase] = MappingProxyType({
    "everything": ("{person} holds every right", "{person}拥有全部权限"),
    "known": ("what colleagues know of each other", "同事之间公开的信息"),
    "role": ("as the role “{role}” does with the whole record", "与角色“{role}”对整条记录的权限一致"),
    "pooled": ("masked in the public pool “{role}” until it is claimed", "在公海“{role}”中领取前不显示"),
    "limited": ("the role “{role}” says so of this field", "角色“{role}”对此字段有专门规定"),
    "barred": ("the role “{role}” forbids more, whatever other roles allow", "角色“{role}”禁止更高权限，优先于其他角色"),
    "no_entity": ("{person} sees no records of this kind", "{person}看不到此类记录"),
    "switched_off": ("the module that it belongs to is switched off", "所属模块已停用"),
    "made_of": ("it is computed from “{field}”, which {person} may not read", "它由“{field}”计算得出，而{person}不能查看该字段"),
    "made_of_other": ("it is computed from something that {person} may not read", "它由{person}不能查看的内容计算得出"),
})  # fmt: skip

RIGHTS: Mapping[str, Phrase] = MappingProxyType({
    "none": ("hidden", "不可见"),
    "mask": ("masked", "脱敏显示"),
    "read": ("readable", "可查看"),
    "write": ("writable", "可修改"),
})  # fmt: skip

LISTED: Mapping[str, Phrase] = MappingProxyType({
    "shown": ("The list shows this record.", "列表中显示该记录。"),
    "trash": ("The list does not show it, because it lies in the trash.", "列表中没有它，因为它在回收站里。"),
    "rights": ("The list does not show it, because {person} may not see it.", "列表中没有它，因为{person}无权查看。"),
    "filter": ("{person} may see it, but the list's filter leaves it out.", "{person}可以查看它，但列表的筛选条件将其排除。"),
})  # fmt: skip

CHANGES: Mapping[str, Phrase] = MappingProxyType({
    "records": ("Role “{role}”, {people} people: {action} {entity}: {gained} records gained, {lost} lost.", "角色“{role}”（{people} 人）：{action}{entity}，增加 {gained} 条，减少 {lost} 条。"),
    "field": ("Role “{role}”, {people} people: “{field}” of {entity} was {before}, and will be {after}.", "角色“{role}”（{people} 人）：{entity}的“{field}”由{before}变为{after}。"),
    "able": ("Role “{role}”, {people} people: may {action} {entity} from now on.", "角色“{role}”（{people} 人）：可以{action}{entity}。"),
    "unable": ("Role “{role}”, {people} people: may not {action} {entity} any more.", "角色“{role}”（{people} 人）：不能再{action}{entity}。"),
    "revealed": ("“{field}” of {entity} will be read by whoever reads the record, whatever it is computed from.", "{entity}的“{field}”将对所有能查看该记录的人可见，不论它由什么计算得出。"),
    "untold": ("Who may {action} {entity} can be counted only once this is published.", "谁可以{action}{entity}，发布之后才能统计。"),
    "asked": ("Records were counted for {asked} of {everybody} people.", "仅统计了 {everybody} 人中的 {asked} 人。"),
})  # fmt: skip
"""What a change of rights does, summed by role."""
