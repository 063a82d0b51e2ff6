"""Django's settings, all derived from `iotproject.config`."""

import hashlib
import os
import secrets
import sys
from logging import INFO
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import dj_database_url

from iotproject import config as configuration
from iotproject import logging, metrics
from iotproject.mistakes import ConfigurationError

CONFIG = configuration.load()
BASE_DIR = configuration.ROOT
DATA_DIR: Path = CONFIG.data_dir.resolve()
try:
    DATA_DIR.mkdir(parents=True, exist_ok=True)
    metrics.join_by_command_line(DATA_DIR)
except OSError as error:
    raise ConfigurationError(
        f"Setting data_dir (IOT_DATA_DIR): {DATA_DIR} cannot be written: {error.strerror}."
    ) from None


def _kept_secret(name: str) -> str:
    """A random secret made at the first start of a development machine and kept beside the data."""
    path = DATA_DIR / f".{name}"
    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    except OSError as error:
        raise ConfigurationError(f"Setting data_dir: {path} cannot be written: {error.strerror}.") from None
    return path.read_text()


SECRET_KEY = CONFIG.server.secret_key or _kept_secret("secret_key")
INTERNAL_SECRET = CONFIG.server.internal_secret or hashlib.sha256(f"internal:{SECRET_KEY}".encode()).hexdigest()
DEBUG = CONFIG.server.debug
ALLOWED_HOSTS = CONFIG.server.allowed_hosts
CSRF_TRUSTED_ORIGINS = CONFIG.server.trusted_origins
ROOT_URLCONF = "iotproject.urls"
ASGI_APPLICATION = "iotproject.asgi.application"
WSGI_APPLICATION = "iotproject.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.import_export",
    "unfold.contrib.simple_history",
    "django.contrib.admin.apps.SimpleAdminConfig",  # `urls` finds the admin's modules: only the web process needs them
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "rest_framework_api_key",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "import_export",
    "simple_history",
    "axes",
    "channels",
    "django_htmx",
    "django_celery_beat",
    "django_celery_results",
    "django_structlog",
    "django_prometheus",
    "devices",
    "blackboard",
    "events",
    "views_engine",
    "views_engine.alerts",
    "views_engine.notifying",
    "iotproject",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "axes.middleware.AxesMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# Several processes write the embedded database. SQLite's roll-back journal is safe with every SQLite that machines
# ship, its WAL is not before 3.51.3; hence no WAL here.
_SQLITE_OPTIONS: dict[str, Any] = {
    "timeout": 30,
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA synchronous=FULL;",
}
DATABASES: dict[str, Any] = {
    "default": dj_database_url.parse(CONFIG.database.url or f"sqlite:///{DATA_DIR / 'database.sqlite3'}")
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = _SQLITE_OPTIONS

AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_VERBOSE = False

LOGGING_CONFIG = None
DJANGO_STRUCTLOG_STATUS_4XX_LOG_LEVEL = INFO
logging.configure(CONFIG.logging.level, CONFIG.logging.format, process=metrics.process_name(sys.argv))

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}

REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "devices.problems.handler",
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "devices.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["devices.permissions.RolePermission"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["devices.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "devices.pagination.CursorPagination",
    "COERCE_DECIMAL_TO_STRING": False,
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "IoT event processor",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "views_engine.api.schema.add_ingest",
        "devices.schema.add_problems",
    ],
}

UNFOLD = {
    "SITE_TITLE": "IoT event processor",
    "SITE_HEADER": "IoT event processor",
    "SITE_SYMBOL": "monitoring",
    "SITE_URL": "/",
    "SHOW_HISTORY": True,
    "SIDEBAR": {
        "show_search": True,
        "show_all_applications": False,
        "navigation": "iotproject.admin.navigation",
    },
}

DEFAULT_FROM_EMAIL = CONFIG.notifying.mail_from
EMAIL_TIMEOUT = CONFIG.notifying.deadline_s
if CONFIG.notifying.mail_url:
    _MAIL = urlsplit(CONFIG.notifying.mail_url)
    EMAIL_HOST, EMAIL_PORT = _MAIL.hostname, _MAIL.port or {"smtp": 25, "smtps": 465, "smtp+tls": 587}[_MAIL.scheme]
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_MAIL.username or ""), unquote(_MAIL.password or "")
    EMAIL_USE_SSL, EMAIL_USE_TLS = _MAIL.scheme == "smtps", _MAIL.scheme == "smtp+tls"
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = DATA_DIR / "mail"

_QUEUE = DATA_DIR / "queue"
CELERY_BROKER_URL = CONFIG.tasks.broker_url or "filesystem://"
if CELERY_BROKER_URL == "filesystem://":
    for name in ("messages", "processed", "control"):
        (_QUEUE / name).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_QUEUE / "messages"),
        "data_folder_out": str(_QUEUE / "messages"),
        "processed_folder": str(_QUEUE / "processed"),
        "control_folder": str(_QUEUE / "control"),
        "polling_interval": 0.2,
    }
TASKS_APP = "iotproject.celery.app"
CELERY_RESULT_BACKEND = "django-db"
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_TIME_LIMIT = 3600
CELERY_TASK_TRACK_STARTED = True
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_TIMEZONE = "UTC"

STORAGE_URL = CONFIG.storage.url or f"file://{DATA_DIR / 'objects'}"

CONTENT_SECURITY_POLICY = {
    "EXCLUDE_URL_PREFIXES": ["/admin/", "/api/v1/docs"],
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "connect-src": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "object-src": ["'none'"],
    },
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = CONFIG.environment == "production"
