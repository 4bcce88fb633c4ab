"""The PostgreSQL that comes along: its binaries, its account, its life from start to stop."""

from boot.embedded.account import ServerAccount, server_account
from boot.embedded.errors import EmbeddedError
from boot.embedded.server import EmbeddedServer, ServerState, inspect, stop_stray

__all__ = [
    "EmbeddedError",
    "EmbeddedServer",
    "ServerAccount",
    "ServerState",
    "inspect",
    "server_account",
    "stop_stray",
]
