"""Every setting of the platform, typed, in one place.

A setting is read from the environment (prefix ``CHENGYUN_``), else from ``chengyun.env`` in the
``var`` folder, else it has the default below. ``docs/settings.md`` is generated from this class.
Code below ``config`` reads settings as ``django.conf.settings.CHENGYUN.<field>``.
"""

import base64
import os
import re
import secrets
from functools import cache
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AliasChoices, Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from chengyun.city.basemap import source as basemap
from chengyun.config import places
from chengyun.core.words import ValueRefused

Names = Annotated[list[str], NoDecode]
Secrets = Annotated[list[SecretStr], NoDecode]


class Environment(BaseSettings):
    """The settings of one installation. Lists are written with commas."""

    model_config = SettingsConfigDict(
        env_prefix="CHENGYUN_", extra="ignore", populate_by_name=True, frozen=True
    )

    # Where and how it runs
    var: Path = Field(
        default_factory=places.var_dir,
        description="Folder of everything made while running: database, media, models, logs.",
    )
    database_url: str = Field(
        default="",
        validation_alias=AliasChoices("database_url", "DATABASE_URL", "CHENGYUN_DATABASE_URL"),
        description="An existing PostgreSQL (≥ 15 with PostGIS, pg_trgm, btree_gist), read from "
        "`DATABASE_URL`. Empty: a private cluster in the `var` folder is made and started.",
    )
    debug: bool = Field(default=False, description="Django's debug pages. Never in production.")
    host: str = Field(default="127.0.0.1", description="Address the server listens on.")
    port: int = Field(default=8000, ge=1, le=65535, description="Port the server listens on.")
    workers: int = Field(default=2, ge=1, le=64, description="Server processes.")
    threads: int = Field(
        default=8, ge=1, le=128, description="Django threads (and connections) per process."
    )
    job_workers: int = Field(default=1, ge=0, le=32, description="Background worker processes.")
    job_concurrency: int = Field(
        default=4, ge=1, le=64, description="Jobs one background worker runs at the same time."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="How much is logged."
    )
    log_files: bool = Field(
        default=True,
        description="Whether server and workers log into `var/log`; else to the terminal, as "
        "containers want.",
    )

    # Secrets
    secret_key: SecretStr = Field(
        default=SecretStr(""),
        description="Signs sessions. Generated into `var/chengyun.env` when absent.",
    )
    secret_keys: Secrets = Field(
        default_factory=list,
        description="Fernet keys that encrypt contact data, newest first; old ones only decrypt. "
        "Generated into `var/chengyun.env` when absent.",
    )

    # The web
    public_url: str = Field(
        default="",
        description="Address under which people reach the platform, e.g. "
        "`https://city.example`. Empty: taken from the request.",
    )
    allowed_hosts: Names = Field(
        default_factory=lambda: ["localhost", "127.0.0.1", "[::1]"],
        description="Host names the server answers to.",
    )
    trusted_origins: Names = Field(
        default_factory=list,
        description="Further origins whose forms are accepted (CSRF), e.g. `https://city.example`.",
    )
    trusted_proxies: int = Field(
        default=0,
        ge=0,
        le=5,
        description="Reverse proxies in front: so many last `X-Forwarded-For` hops are believed.",
    )
    https: bool = Field(
        default=False,
        description="Served over HTTPS: secure cookies and HSTS; `X-Forwarded-Proto` is believed "
        "when a trusted proxy is set.",
    )
    upload_max_bytes: int = Field(
        default=64 * 1024 * 1024,
        ge=1024,
        description="Largest request body; larger ones get 413 before they are read.",
    )

    # Database behaviour
    statement_timeout_ms: int = Field(
        default=30_000, ge=0, description="Longest statement of a web request; 0 means no limit."
    )
    connection_max_age: int = Field(
        default=600, ge=0, description="Seconds a database connection is kept between requests."
    )

    # Language and place
    time_zone: str = Field(default="Asia/Shanghai", description="Zone in which times are shown.")
    language: Literal["zh", "en"] = Field(
        default="zh",
        description="Language when neither a browser nor the locale of a command asks for one.",
    )

    # Attachments
    storage: Literal["local", "s3"] = Field(
        default="local", description="Where attachments are kept: `local` disk or `s3`."
    )
    media: Path | None = Field(
        default=None, description="Folder of local attachments. Empty: `media` in the var folder."
    )
    s3_endpoint: str = Field(default="", description="Address of an S3-compatible store.")
    s3_bucket: str = Field(default="", description="Bucket of attachments.")
    s3_region: str = Field(default="", description="Region of the bucket, when the store has any.")
    s3_access_key: str = Field(default="", description="Access key of the store.")
    s3_secret_key: SecretStr = Field(default=SecretStr(""), description="Its secret.")
    image_max_bytes: int = Field(
        default=15 * 1024 * 1024, ge=1024, description="Largest accepted image file."
    )
    image_max_pixels: int = Field(
        default=50_000_000, ge=10_000, description="Most pixels an image may claim to have."
    )
    image_max_edge: int = Field(
        default=2560, ge=320, description="Longest edge in pixels that is kept of an image."
    )

    # Messages to people
    email_url: SecretStr = Field(
        default=SecretStr(""),
        description="SMTP server, e.g. `smtp://user:password@mail.example:587?tls=1`. "
        "Empty: mails are written to the log.",
    )
    email_from: str = Field(default="chengyun@localhost", description="Sender of mails.")
    sms_driver: Literal["console", "http"] = Field(
        default="console", description="How text messages leave: to the log, or an HTTP gateway."
    )
    sms_url: str = Field(default="", description="Address of the SMS gateway (JSON POST).")
    sms_token: SecretStr = Field(
        default=SecretStr(""), description="Bearer token of the SMS gateway."
    )
    webhook_secret: SecretStr = Field(
        default=SecretStr(""),
        description="Key of the HMAC signature on webhooks (sent and received). Generated into "
        "`var/chengyun.env` when absent.",
    )
    outbox_max_attempts: int = Field(
        default=8, ge=1, le=50, description="Tries before an outgoing message counts as stuck."
    )

    # Sign-in
    password_min_length: int = Field(default=10, ge=8, description="Shortest accepted password.")
    session_hours: int = Field(default=12, ge=1, description="Hours a sign-in lasts.")
    mfa_roles: Names = Field(
        default_factory=list,
        description="Posts that must use a second factor, e.g. `administrator,data_manager`.",
    )
    oidc_name: str = Field(default="", description="Label of the OpenID Connect sign-in.")
    oidc_issuer: str = Field(
        default="", description="Issuer address of the OpenID provider. Empty: none is offered."
    )
    oidc_client_id: str = Field(default="", description="Client id at the OpenID provider.")
    oidc_client_secret: SecretStr = Field(
        default=SecretStr(""), description="Client secret at the OpenID provider."
    )

    # Limits per minute
    rate_anonymous: int = Field(
        default=60, ge=1, description="Requests a minute from one address without sign-in."
    )
    rate_reports: int = Field(
        default=10, ge=1, description="Anonymous reports a minute from one address."
    )
    rate_user: int = Field(default=600, ge=1, description="Requests a minute of one user.")
    rate_machine: int = Field(default=6000, ge=1, description="Requests a minute of one token.")

    rate_tiles: int = Field(
        default=3000,
        ge=1,
        description="Map tiles a minute of one user or, without sign-in, of one address.",
    )

    # Open311
    open311_contact: str = Field(
        default="城市运行管理中心 12345 / City operations centre 12345",
        description="Whom clients of Open311 turn to; shown in the discovery document.",
    )
    open311_key_service: str = Field(
        default="请向城市运行管理中心申请 / Ask the city operations centre for a key",
        description="How a client gets an API key; shown in the discovery document.",
    )
    open311_type: Literal["production", "test"] = Field(
        default="production", description="What the discovery document says this server is."
    )
    open311_jurisdiction_required: bool = Field(
        default=False,
        description="Whether clients must send `jurisdiction_id` (the city's code); else it is "
        "ignored.",
    )
    open311_created_status: Literal[200, 201] = Field(
        default=201, description="Status of an accepted submission; some old clients need 200."
    )

    # How long things are kept
    contact_retention_days: int = Field(
        default=730, ge=1, description="Days after closing until contact data is erased."
    )
    patrol_retention_days: int = Field(
        default=90,
        ge=1,
        description="Days the tracks of collectors and handlers are kept; then they are erased.",
    )
    event_retention_days: int = Field(
        default=30, ge=1, description="Days the events of live updates can be resumed from."
    )
    idempotency_days: int = Field(
        default=7, ge=1, description="Days a repeated submission is recognised."
    )

    # Suggestions
    duplicate_radius_m: int = Field(
        default=100, ge=1, le=2000, description="Metres within which a case may be a duplicate."
    )
    duplicate_radius_component_m: int = Field(
        default=50, ge=1, le=2000, description="The same for matters of components."
    )
    duplicate_hours: int = Field(
        default=72, ge=1, le=24 * 90, description="Hours within which a case may be a duplicate."
    )

    # Live updates
    live_heartbeat_seconds: int = Field(
        default=15, ge=1, le=120, description="Seconds between signs of life on `/live`."
    )
    live_queue: int = Field(
        default=256, ge=8, description="Events kept for one slow listener before it is let go."
    )
    live_clients: int = Field(
        default=2000, ge=1, description="Listeners one server process accepts."
    )

    # Map tiles
    tile_connections: int = Field(
        default=4, ge=1, le=64, description="Database connections of one process for map tiles."
    )
    tile_memory_mb: int = Field(
        default=64,
        ge=0,
        le=8192,
        description="Megabytes of map tiles one process remembers; 0: none.",
    )

    # Layers
    layer_schemas: Names = Field(
        default_factory=lambda: ["layers"],
        description="Schemas of the database whose tables and views may be registered as layers "
        "of the map. `public`, which holds people and cases, never.",
    )

    # Basemap
    basemap: Literal["none", "tianditu", "xyz", "pmtiles"] = Field(
        default="none",
        description="The picture under the map: `none` (our own layers only, nothing leaves the "
        "host), `tianditu` with a key, `xyz` tiles of any server, or a `pmtiles` file.",
    )
    basemap_url: str = Field(
        default="",
        validate_default=True,
        description="For `xyz` the address of the tiles with `{z}`, `{x}` and `{y}` (`{0-3}` in "
        "the host stands for four hosts; several addresses divided by blanks are drawn one above "
        "the other); for `pmtiles` the path of the file, from the `var` folder on.",
    )
    basemap_layer: Literal["vec", "img", "ter"] = Field(
        default="vec",
        description="Which map of Tianditu, each with its labels: `vec` drawn, `img` images, "
        "`ter` terrain.",
    )
    basemap_key: SecretStr = Field(
        default=SecretStr(""),
        validate_default=True,
        description="Key of Tianditu (the kind for browsers, bound to the site's host name).",
    )
    basemap_datum: Literal["cgcs2000", "wgs84", "gcj02", "bd09"] = Field(
        default="cgcs2000",
        description="The coordinate system that the basemap is drawn in: shifted ones are put "
        "back, so that nothing lies 500 m off. Tianditu's is `cgcs2000`.",
    )
    basemap_attribution: str = Field(
        default="", max_length=300, description="Whom the map names as source of the basemap."
    )
    basemap_maxzoom: int = Field(
        default=18, ge=0, le=24, description="Deepest zoom the basemap has tiles for."
    )

    # Demonstration
    demo_password: SecretStr = Field(
        default=SecretStr("chengyun-demo"),
        description="Password of all accounts of the simulated city.",
    )
    demo_components: int = Field(
        default=100_000,
        ge=2_000,
        le=5_000_000,
        description="Components of the simulated city that the demonstration makes at its first "
        "start; a city like Qingdao counts 2,500,000.",
    )

    @field_validator(
        "secret_keys",
        "allowed_hosts",
        "trusted_origins",
        "mfa_roles",
        "layer_schemas",
        mode="before",
    )
    @classmethod
    def _by_commas(cls, value: object) -> object:
        if isinstance(value, str):
            return [part.strip() for part in value.split(",") if part.strip()]
        return value

    @field_validator("layer_schemas")
    @classmethod
    def _not_the_platforms(cls, value: list[str]) -> list[str]:
        if {"public", "pg_catalog", "information_schema"} & set(value):
            raise ValueRefused(
                "public 与数据库自身的模式所存内容不得上图",
                "public and the database's own schemas hold what no map may show",
            )
        return value

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueRefused(
                f"没有时区 {value!r}；例如 Asia/Shanghai",
                f"there is no zone {value!r}; one is Asia/Shanghai",
            )
        return value

    @field_validator("basemap_datum", mode="before")
    @classmethod
    def _datum_as_written(cls, value: object) -> object:
        """`GCJ-02` is `gcj02`; what is no system is refused by the type, which names them."""
        return re.sub(r"[^a-z0-9]", "", value.lower()) if isinstance(value, str) else value

    @field_validator("basemap_url")
    @classmethod
    def _basemap_is_there(cls, value: str, info: ValidationInfo) -> str:
        match info.data.get("basemap"):
            case "xyz":
                basemap.addresses(value)
            case "pmtiles":
                basemap.file_of(value, info.data.get("var", Path()))
        return value

    @field_validator("basemap_datum")
    @classmethod
    def _datum_can_be_put_back(cls, value: str, info: ValidationInfo) -> str:
        given = info.data
        if "basemap_url" in given:
            basemap.check_datum(
                given.get("basemap", "none"), given["basemap_url"], given.get("var", Path()), value
            )
        return value

    @field_validator("basemap_key")
    @classmethod
    def _tianditu_has_a_key(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        if info.data.get("basemap") == "tianditu" and not value.get_secret_value().strip():
            raise ValueRefused(
                "为空：天地图须用自己的密钥（https://console.tianditu.gov.cn），"
                "或将 CHENGYUN_BASEMAP 设为 none、xyz 或 pmtiles",
                "is empty: Tianditu needs a key of your own (https://console.tianditu.gov.cn), or "
                "set CHENGYUN_BASEMAP to none, xyz or pmtiles",
            )
        return value

    @property
    def database(self) -> str:
        """The connection URL in force: the given one, else the private cluster's."""
        return self.database_url or places.cluster_places(self.var).url

    @property
    def media_dir(self) -> Path:
        """The folder of local attachments."""
        return self.media or self.var / "media"


def _generated() -> dict[str, str]:
    return {
        "CHENGYUN_SECRET_KEY": secrets.token_urlsafe(50),
        "CHENGYUN_SECRET_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "CHENGYUN_WEBHOOK_SECRET": secrets.token_urlsafe(32),
    }


def ensure_secrets(var: Path) -> Path:
    """Make ``chengyun.env`` with fresh secrets when it does not exist; return its path.

    Losing this file means losing the contact data it encrypts: back it up with the database.
    """
    path = var / "chengyun.env"
    if path.exists():
        return path
    var.mkdir(parents=True, exist_ok=True)
    text = "# Secrets of this installation. Keep them with your backups; show them to nobody.\n"
    text += "".join(f"{name}={value}\n" for name, value in _generated().items())
    draft = var / f".chengyun.env.{os.getpid()}"
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    try:
        os.link(draft, path)  # fails when another process was first: its secrets then stand
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path


@cache
def environment() -> Environment:
    """The settings in force, read once per process."""
    return Environment(_env_file=ensure_secrets(places.var_dir()), _env_file_encoding="utf-8")
