"""How allauth treats people here: accounts are given by an administrator, never signed up for."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest


class StaffAccounts(DefaultAccountAdapter):  # type: ignore[misc]
    """Local accounts: no public registration."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody registers: a post in the city administration is granted."""
        return False


class StaffIdentities(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """OpenID Connect: only people whose user name already exists may enter."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """An unknown identity is refused; an administrator makes the account first."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Connect the identity to the account whose user name is its ``preferred_username``."""
        if sociallogin.is_existing:
            return
        from django.contrib.auth import get_user_model

        name = sociallogin.account.extra_data.get("preferred_username", "")
        claims = sociallogin.account.extra_data.get("userinfo", {})
        name = name or claims.get("preferred_username", "")
        user = get_user_model().objects.filter(username=name, is_active=True).first()
        if name and user is not None:
            sociallogin.connect(request, user)
