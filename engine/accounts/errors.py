"""What the door refuses, in sentences that tell a guesser nothing."""

from __future__ import annotations

from engine.errors import EngineError
from engine.tenants.errors import TenantError


class SignInRefused(TenantError):
    """What was given proves nothing: which part of it was wrong is not said."""

    code = "sign_in_refused"


class TooManyTries(TenantError):
    """Too many wrong tries before; `wait` is how many seconds none is looked at."""

    code = "too_many_tries"

    def __init__(self, wait: int) -> None:
        super().__init__(f"There were too many wrong tries: wait {wait} seconds.", wait=wait)
        self.wait = wait


class LetterSpent(TenantError):
    """A link that was used, has ended, or never was."""

    code = "letter_spent"


class SecondFactorNeeded(EngineError):
    """A tenant whose rules ask this person for two proofs, where one was given."""

    code = "second_factor_needed"


class ProofNeeded(EngineError):
    """A tenant whose administrators ended what somebody had proved before of who they are."""

    code = "proof_needed"


class QuietRefusal(TenantError):
    """A refusal whose `reason` is for those who look after the installation, not for the person."""

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason=reason)


class PasskeyRefused(QuietRefusal):
    """An answer of an authenticator that does not hold."""

    code = "passkey_refused"


class CodeWrong(TenantError):
    """A code that an authenticator app does not show now, or that was used."""

    code = "code_wrong"


class MailMissing(TenantError):
    """Something that needs mail, on an installation that sends none."""

    code = "mail_missing"


class ProviderRefused(QuietRefusal):
    """An identity provider whose answer does not hold, or that says no."""

    code = "provider_refused"


class IdentityUnknown(TenantError):
    """Somebody whom a provider knows, and no account here."""

    code = "identity_unknown"


class LastProof(TenantError):
    """The only way by which an account can come in, which is not taken away."""

    code = "last_proof"
