"""Django's settings, derived from the typed environment. Nothing is configured twice."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from psycopg.conninfo import conninfo_to_dict

from chengyun.config.environment import environment

CHENGYUN = environment()

SECRET_KEY = CHENGYUN.secret_key.get_secret_value()
DEBUG = CHENGYUN.debug
ALLOWED_HOSTS = CHENGYUN.allowed_hosts
CSRF_TRUSTED_ORIGINS = CHENGYUN.trusted_origins

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.gis",
    "ninja",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.mfa",
    "allauth.headless",
    "allauth.usersessions",
    "procrastinate.contrib.django",
    "chengyun.core",
    "chengyun.city",
    "chengyun.governance",
    "chengyun.open311",
]

MIDDLEWARE = [
    "chengyun.config.headers.SecurityHeaders",
    "chengyun.config.problems.ProblemDocuments",
    "django.middleware.security.SecurityMiddleware",
    "chengyun.config.assets.Assets",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "chengyun.config.urls"
WSGI_APPLICATION = "chengyun.config.wsgi.application"
# API addresses are exact: a missing slash is an error to be seen, not a POST turned into a GET.
APPEND_SLASH = False

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # Before the apps' own: the pages of signing in wear our look, and offer no sign-up.
        "DIRS": [Path(__file__).parent / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "chengyun.pages.views.city_name",
            ]
        },
    }
]


def _database(url: str) -> dict[str, Any]:
    """Django's description of a libpq URL (any form libpq takes, sockets included)."""
    parts = dict(conninfo_to_dict(url))
    timeout = f"-c statement_timeout={CHENGYUN.statement_timeout_ms}"
    parts["options"] = f"{parts.get('options') or ''} {timeout}".strip()
    described: dict[str, Any] = {
        "ENGINE": "django.contrib.gis.db.backends.postgis",
        "NAME": parts.pop("dbname", "chengyun"),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": str(parts.pop("port", "") or ""),
        "CONN_MAX_AGE": CHENGYUN.connection_max_age,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": False,
    }
    return described | {"OPTIONS": {"application_name": "chengyun", **parts}}


DATABASES = {"default": _database(CHENGYUN.database)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Shared by all processes, so that the sign-in limits count once (table: core migration 0002).
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "core_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# Jobs: every app's `jobs.py` is read for tasks.
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

# Language, zone
LANGUAGE_CODE = {"zh": "zh-hans", "en": "en"}[CHENGYUN.language]
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
TIME_ZONE = CHENGYUN.time_zone
USE_I18N = True
USE_TZ = True

# Files
STATIC_URL = "/static/"
# The built pages' dist/assets are /static/pages/assets: the names that Vite wrote into them.
PAGES = Path(__file__).parent.parent / "pages" / "dist"
STATICFILES_DIRS = [
    Path(__file__).parent / "static",
    *([("pages/assets", PAGES / "assets")] if (PAGES / "assets").is_dir() else []),
]
# Files come straight from the packages: nothing has to be collected before the first start.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
# Built files carry a hash of their content in the name: they never change.
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/pages/assets/.+-[\w-]{8}\.\w+$"
MEDIA_ROOT = CHENGYUN.media_dir
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o640


def _storage() -> dict[str, Any]:
    if CHENGYUN.storage == "local":
        return {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": CHENGYUN.s3_bucket,
            "endpoint_url": CHENGYUN.s3_endpoint or None,
            "region_name": CHENGYUN.s3_region or None,
            "access_key": CHENGYUN.s3_access_key,
            "secret_key": CHENGYUN.s3_secret_key.get_secret_value(),
            "default_acl": None,
            "file_overwrite": False,
        },
    }


STORAGES = {
    "default": _storage(),
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# Who signs in, and how
AUTH_USER_MODEL = "core.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
_VALIDATION = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_VALIDATION}.UserAttributeSimilarityValidator"},
    {
        "NAME": f"{_VALIDATION}.MinimumLengthValidator",
        "OPTIONS": {"min_length": CHENGYUN.password_min_length},
    },
    {"NAME": f"{_VALIDATION}.CommonPasswordValidator"},
    {"NAME": f"{_VALIDATION}.NumericPasswordValidator"},
]
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/accounts/login/"
ACCOUNT_ADAPTER = "chengyun.config.identity.StaffAccounts"
SOCIALACCOUNT_ADAPTER = "chengyun.config.identity.StaffIdentities"
ACCOUNT_FORMS = {"login": "chengyun.config.forms.SignIn"}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "reauthenticate": "10/m/user",
    "change_password": "5/m/user",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Chengyun 城运"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not CHENGYUN.https
HEADLESS_ONLY = False
HEADLESS_FRONTEND_URLS: dict[str, str] = {}
SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {}
if CHENGYUN.oidc_issuer:
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "city",
                "name": CHENGYUN.oidc_name or "OpenID Connect",
                "client_id": CHENGYUN.oidc_client_id,
                "secret": CHENGYUN.oidc_client_secret.get_secret_value(),
                "settings": {"server_url": CHENGYUN.oidc_issuer},
            }
        ],
    }

# Cookies and transport
SESSION_COOKIE_NAME = "chengyun_session"
SESSION_COOKIE_AGE = CHENGYUN.session_hours * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CHENGYUN.https
CSRF_COOKIE_NAME = "chengyun_csrf"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = CHENGYUN.https
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if CHENGYUN.https else 0
X_FRAME_OPTIONS = "DENY"
if CHENGYUN.https and CHENGYUN.trusted_proxies:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")


def _mail(url: str) -> None:
    """Set Django's mail settings from one URL; without one, mails go to the log."""
    if not url:
        globals()["EMAIL_BACKEND"] = "django.core.mail.backends.console.EmailBackend"
        return
    parts = urlsplit(url)
    wants = parse_qs(parts.query)
    globals().update(
        EMAIL_HOST=parts.hostname or "localhost",
        EMAIL_PORT=parts.port or 25,
        EMAIL_HOST_USER=unquote(parts.username or ""),
        EMAIL_HOST_PASSWORD=unquote(parts.password or ""),
        EMAIL_USE_TLS=wants.get("tls") == ["1"],
        EMAIL_USE_SSL=wants.get("ssl") == ["1"],
        EMAIL_TIMEOUT=20,
    )


_mail(CHENGYUN.email_url.get_secret_value())
DEFAULT_FROM_EMAIL = CHENGYUN.email_from

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": CHENGYUN.log_level},
    "loggers": {
        # One line per request is the server's business; a 404 is no warning of ours.
        "django.request": {"level": "ERROR"},
        "procrastinate": {"level": "WARNING"},
        "jieba": {"level": "WARNING"},
    },
}
