"""What a refusal is headed by, in the product's own languages."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from engine.phrases import Phrase

TITLES: Mapping[str, Phrase] = MappingProxyType({
    "record_refused": ("The record cannot be saved", "记录无法保存"),
    "submission_refused": ("This cannot be submitted", "无法提交审批"),
    "approval_refused": ("This cannot be done with the approval", "审批未处理"),
    "button_refused": ("This cannot be done", "操作未完成"),
    "claim_refused": ("This cannot be claimed", "无法领取"),
    "give_back_refused": ("This cannot be given back", "无法退回"),
    "not_found": ("Not there", "内容不存在"),
    "forbidden": ("Not allowed", "无权操作"),
    "version_conflict": ("Somebody else was faster", "已被他人修改"),
    "query_invalid": ("The question cannot be used", "查询无法使用"),
    "cursor_stale": ("The list is out of date", "列表已过期"),
    "model_changed": ("The app was reshaped", "系统结构已更新"),
    "draft_changed": ("Somebody else was faster", "已被他人修改"),
    "older_version": ("An older version", "版本较旧"),
    "draft_exists": ("The name is taken", "名称已被占用"),
    "draft_undecided": ("Something is undecided", "还有待定的内容"),
    "definition_invalid": ("This cannot be", "无法这样更改"),
    "data_loss": ("Data would go out of reach", "将有数据无法读取"),
    "plan_blocked": ("Data stands against it", "与现有数据冲突"),
    "publish_running": ("A change is being published", "正在发布更改"),
    "unavailable": ("The database does not answer", "数据库没有响应"),
    "busy": ("Too many at once", "操作繁忙"),
    "keys_closed": ("Encrypted values cannot be opened", "加密内容无法打开"),
    "storage_full": ("No room left", "存储空间不足"),
    "unauthenticated": ("Sign in first", "请先登录"),
    "csrf": ("The page is too old", "页面已过期"),
})  # fmt: skip
