"""The tables of core, one file per noun."""

from .attachment import Attachment
from .audit import AuditEntry, AuditSeal
from .calendar import CalendarDay, WorkCalendar
from .contact import Contact
from .event import DomainEvent
from .grant import AXIS, Axis, Grant, Role
from .idempotency import IdempotencyKey
from .organisation import Organisation
from .outbox import OutboxMessage
from .preference import Preference
from .presence import Presence
from .rate import RateCounter
from .scoped import Scoped, scope_index
from .token import ApiToken, TokenScope
from .user import User

__all__ = [
    "AXIS",
    "ApiToken",
    "Attachment",
    "AuditEntry",
    "AuditSeal",
    "Axis",
    "CalendarDay",
    "Contact",
    "DomainEvent",
    "Grant",
    "IdempotencyKey",
    "Organisation",
    "OutboxMessage",
    "Preference",
    "Presence",
    "RateCounter",
    "Role",
    "Scoped",
    "TokenScope",
    "User",
    "WorkCalendar",
    "scope_index",
]
