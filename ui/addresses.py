"""Where a person may be sent on to: pages of this site, and nowhere else."""

from __future__ import annotations

HOME = "/"


def here(address: str) -> str:
    """Return an address that leads to a page of this site; anything else leads home.

    Browsers drop tabs and line breaks from an address and read a backslash as a slash, so that
    none of these may be in it.
    """
    if not address.startswith("/") or address.startswith("//"):
        return HOME
    return address if all(_plain(sign) for sign in address) else HOME


def _plain(sign: str) -> bool:
    return " " < sign != "\\" and sign != "\x7f" and not "\ud800" <= sign <= "\udfff"
