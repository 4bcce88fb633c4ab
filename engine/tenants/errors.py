"""What the registry of tenants and people refuses, in sentences that say how to mend it."""

from __future__ import annotations

from engine.errors import EngineError


class TenantError(EngineError):
    """Anything refused about a tenant, an account or the installation itself."""

    code = "tenant_error"


class TenantUnknown(TenantError):
    """A tenant that is not in the registry."""

    code = "tenant_unknown"


class TenantExists(TenantError):
    """A name that another tenant has."""

    code = "tenant_exists"


class NameInvalid(TenantError):
    """A name that cannot be a tenant's."""

    code = "name_invalid"


class AccountUnknown(TenantError):
    """An account that does not exist."""

    code = "account_unknown"


class AccountExists(TenantError):
    """An address that another account has."""

    code = "account_exists"


class PasswordWeak(TenantError):
    """A password that is too short or too long."""

    code = "password_weak"


class NotPrepared(TenantError):
    """A database that `joinery init` has not prepared, or that is behind this version."""

    code = "not_prepared"


class RightsMissing(TenantError):
    """A database account that may not make roles, where that is needed."""

    code = "rights_missing"


class DatabaseUnknown(TenantError):
    """A database that the registry does not name."""

    code = "database_unknown"


class DatabaseExists(TenantError):
    """A name that another database has, or a database that tenants still live on."""

    code = "database_exists"


class DatabasesFull(TenantError):
    """No database with room for another tenant."""

    code = "databases_full"


class TenantClosed(TenantError):
    """A tenant that is there, and that nobody may enter now; `reason` is its state."""

    code = "tenant_closed"


class TenantReading(TenantError):
    """A tenant whose records may be read and not changed: its subscription has ended."""

    code = "tenant_reading"


class TenantMoving(TenantReading):
    """A tenant that is being copied to another place and cannot be changed for a while."""

    code = "tenant_moving"


class WorkUnderWay(TenantError):
    """A tenant that is being worked on, by another process or for something else."""

    code = "work_under_way"


class BackupRefused(TenantError):
    """A file that is no backup, is damaged, or cannot be opened or restored here."""

    code = "backup_refused"
