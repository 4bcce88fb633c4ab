"""Everything that the screens of the door and of one's own account work with."""

from __future__ import annotations

from dataclasses import dataclass

from engine.accounts.authenticator import Authenticators
from engine.accounts.door import Door
from engine.accounts.identities import Identities
from engine.accounts.invitations import Invitations
from engine.accounts.ledger import Ledger
from engine.accounts.letters import Letters
from engine.accounts.passkeys import Passkeys
from engine.accounts.profile import Profile
from engine.accounts.providers import Providers
from engine.mail import Post


@dataclass(frozen=True, slots=True)
class People:
    """How people come in, prove who they are, are written to, and look after their account.

    `site` is the public address of this installation, blank where it was not said.
    """

    ledger: Ledger
    door: Door
    authenticators: Authenticators
    passkeys: Passkeys
    letters: Letters
    profile: Profile
    providers: Providers
    identities: Identities
    invitations: Invitations
    post: Post
    site: str
