"""The form of signing in."""

from typing import Any

from allauth.account.forms import LoginForm


class SignIn(LoginForm):  # type: ignore[misc]
    """Allauth's, ready to type into; the way to a new password stands below the button."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.fields["login"].widget.attrs["autofocus"] = True
        self.fields["password"].help_text = ""
