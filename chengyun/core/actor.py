"""Who acts. Every action takes an `Actor` as an explicit keyword; there is no global user."""

from dataclasses import dataclass, field
from functools import cached_property

from .access import NOTHING, Scope, scope_of
from .models import Role, User
from .problems import Forbidden


@dataclass(frozen=True)
class Actor:
    """A person, a machine with a token, a citizen or the system, as the audit will name it.

    `role` is the post in which the actor acts ("" when no single one is meant).
    """

    user: User | None
    label: str
    role: str = ""
    ip: str | None = None
    request_id: str | None = None
    token_id: int | None = None
    token_scopes: frozenset[str] | None = None
    given_scope: Scope | None = field(default=None, repr=False)

    @cached_property
    def scope(self) -> Scope:
        """What the actor may reach. Costs one SQL statement the first time it is asked."""
        if self.given_scope is not None:
            return self.given_scope
        return scope_of(self.user) if self.user is not None else NOTHING

    @property
    def user_id(self) -> int | None:
        return self.user.pk if self.user is not None else None

    def require_role(self, *roles: Role) -> None:
        """Raise `Forbidden` unless the actor holds one of `roles`."""
        if self.scope.roles().isdisjoint(roles):
            names_zh = "、".join(str(role.label) for role in roles)
            names_en = ", ".join(role.label_en for role in roles)
            raise Forbidden(
                zh=f"此操作需要岗位：{names_zh}。",
                en=f"This needs the post of: {names_en}.",
                remedy_zh="请联系系统管理员授权。",
                remedy_en="Ask an administrator to grant it.",
            )

    @classmethod
    def system(cls, label: str) -> "Actor":
        """A job or a command: may reach everything."""
        return cls(user=None, label=label, role="system", given_scope=Scope.everything())

    @classmethod
    def citizen(cls, ip: str | None = None, request_id: str | None = None) -> "Actor":
        return cls(user=None, label="市民 citizen", role="citizen", ip=ip, request_id=request_id)

    @classmethod
    def of(
        cls,
        user: User,
        *,
        role: str = "",
        ip: str | None = None,
        request_id: str | None = None,
        token_id: int | None = None,
        token_scopes: frozenset[str] | None = None,
    ) -> "Actor":
        return cls(
            user=user,
            label=user.display_name or user.username,
            role=role,
            ip=ip,
            request_id=request_id,
            token_id=token_id,
            token_scopes=token_scopes,
        )
