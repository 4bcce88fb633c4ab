"""What letters say, in both languages, as plain words and as a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from types import MappingProxyType
from typing import Literal

from engine.mail import Mail

Kind = Literal["invitation", "welcome", "reset", "address", "address_changed", "password_changed"]


@dataclass(frozen=True, slots=True)
class _Words:
    """One letter in one language; `{names}` are filled in, and `button` opens the link."""

    subject: str
    lines: tuple[str, ...]
    button: str = ""


_LETTERS: Mapping[tuple[Kind, str], _Words] = MappingProxyType({
    ("invitation", "en"): _Words(
        "{by} invites you to {place}",
        ("Hello {name},",
         "{by} has added you to {place} on Joinery. Choose a password, and you are in.",
         "The link works once, for seven days. If you do not know {by}, leave this letter alone."),
        "Choose a password",
    ),
    ("invitation", "zh"): _Words(
        "{by} 邀请您加入 {place}",
        ("{name}，您好：", "{by} 已将您加入 {place}（榫卯）。设置密码后即可开始使用。",
         "链接仅可使用一次，七天内有效。如果您不认识 {by}，请忽略此邮件。"),
        "设置密码",
    ),
    ("welcome", "en"): _Words(
        "{by} added you to {place}",
        ("Hello {name},", "{by} has added you to {place} on Joinery. Sign in as you always do."),
        "Sign in",
    ),
    ("welcome", "zh"): _Words(
        "{by} 已将您加入 {place}",
        ("{name}，您好：", "{by} 已将您加入 {place}（榫卯）。请使用现有账号登录。"),
        "登录",
    ),
    ("reset", "en"): _Words(
        "A new password for Joinery",
        ("Hello {name},", "Somebody, probably you, asked for a new password for this account.",
         "The link works once, for one hour. If it was not you, leave this letter alone: "
         "your password stays as it is."),
        "Choose a new password",
    ),
    ("reset", "zh"): _Words(
        "重置榫卯密码",
        ("{name}，您好：", "有人（应该是您本人）申请为此账号设置新密码。",
         "链接仅可使用一次，一小时内有效。如果不是您本人操作，请忽略此邮件，密码不会改变。"),
        "设置新密码",
    ),
    ("address", "en"): _Words(
        "Is this your address?",
        ("Hello {name},",
         "Your Joinery account is to use this address from now on. Say yes with the button below.",
         "The link works once, for one day. If it was not you, leave this letter alone."),
        "Yes, this is my address",
    ),
    ("address", "zh"): _Words(
        "请确认您的邮箱",
        ("{name}，您好：", "您的榫卯账号将改用此邮箱，请点击下方按钮确认。",
         "链接仅可使用一次，一天内有效。如果不是您本人操作，请忽略此邮件。"),
        "确认这是我的邮箱",
    ),
    ("address_changed", "en"): _Words(
        "Your Joinery account has another address now",
        ("Hello {name},", "Your account uses {address} from now on. If this was not you, tell your "
         "administrator at once."),
    ),
    ("address_changed", "zh"): _Words(
        "您的榫卯账号已更换邮箱",
        ("{name}，您好：", "您的账号现在使用 {address}。如果不是您本人操作，请立即联系管理员。"),
    ),
    ("password_changed", "en"): _Words(
        "Your Joinery password was changed",
        ("Hello {name},",
         "The password of your account was changed just now, and every session was ended. "
         "If this was not you, tell your administrator at once."),
    ),
    ("password_changed", "zh"): _Words(
        "您的榫卯密码已更改",
        ("{name}，您好：",
         "您的账号密码刚刚更改，所有登录会话均已结束。如果不是您本人操作，请立即联系管理员。"),
    ),
})  # fmt: skip


def letter(kind: Kind, language: str, to: str, *, link: str = "", **names: str) -> Mail:
    """Return a letter in a language, English where another is not spoken."""
    words = _LETTERS.get((kind, language[:2])) or _LETTERS[(kind, "en")]
    # A name is somebody's own choice: nothing of it may look like a line of ours.
    said = {name: " ".join(value.split())[:120] for name, value in names.items()}
    lines = [line.format_map(said) for line in words.lines]
    plain = "\n\n".join([*lines, *([f"{words.button}:\n{link}"] if link else [])])
    return Mail(to, words.subject.format_map(said)[:200], plain + "\n", _page(lines, words, link))


def _page(lines: list[str], words: _Words, link: str) -> str:
    text = "".join(f'<p style="margin:0 0 16px">{escape(line)}</p>' for line in lines)
    button = (
        f'<p style="margin:24px 0"><a href="{escape(link)}" style="display:inline-block;'
        "padding:11px 20px;border-radius:8px;background:#174f45;color:#ffffff;"
        f'text-decoration:none;font-weight:600">{escape(words.button)}</a></p>'
        f'<p style="margin:0;font-size:13px;color:#6b6b66;word-break:break-all">{escape(link)}</p>'
        if link
        else ""
    )
    return (
        '<!doctype html><html><body style="margin:0;padding:32px 16px;background:#f6f4ee;'
        "font:16px/1.6 -apple-system,'PingFang SC','Microsoft YaHei',Helvetica,Arial,sans-serif;"
        'color:#23241f"><div style="max-width:520px;margin:0 auto;padding:28px 32px;'
        'background:#ffffff;border-radius:12px"><p style="margin:0 0 22px;font-weight:700">'
        f"榫卯 Joinery</p>{text}{button}</div></body></html>"
    )
