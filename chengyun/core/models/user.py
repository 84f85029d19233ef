from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils import timezone

from .organisation import Organisation


class UserManager(BaseUserManager["User"]):
    """Makes users without a form. Product code calls `actions.create_user`, which is audited."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(
            username, password, **{**fields, "is_staff": True, "is_superuser": True}
        )


class User(AbstractBaseUser, PermissionsMixin):
    """A person who works in the city's operation. Users are deactivated, never deleted:
    the audit and every case record keep pointing at them."""

    class Language(models.TextChoices):
        ZH = "zh", "中文"
        EN = "en", "English"

    username = models.TextField(unique=True)
    display_name = models.TextField(blank=True, default="")
    email = models.EmailField(blank=True, default="")
    phone_encrypted = models.BinaryField(null=True, blank=True, editable=False)
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="users"
    )
    language = models.CharField(max_length=2, choices=Language.choices, default=Language.ZH)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False, help_text="may open the Django admin")
    date_joined = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        ordering = ["username"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(username__regex=r"^[\w.@+-]{1,150}$"),
                name="core_user_username_form",
            ),
        ]

    def __str__(self) -> str:
        return self.display_name or self.username
