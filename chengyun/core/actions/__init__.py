"""Every write of core: one function = one transaction = one audit entry (= one event)."""

from .attachments import smaller_image, store_image
from .calendars import save_calendar
from .contacts import reveal_contact
from .grants import AxisConflict, grant_role, revoke_grant
from .organisations import save_organisation
from .outbox import retry_message
from .preferences import choose_language, delete_preference, save_preference
from .tokens import issue_token, revoke_token
from .users import create_user, deactivate_user, set_password, update_user

__all__ = [
    "AxisConflict",
    "choose_language",
    "create_user",
    "deactivate_user",
    "delete_preference",
    "grant_role",
    "issue_token",
    "retry_message",
    "reveal_contact",
    "revoke_grant",
    "revoke_token",
    "save_calendar",
    "save_organisation",
    "save_preference",
    "set_password",
    "smaller_image",
    "store_image",
    "update_user",
]
