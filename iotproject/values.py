"""What a single value of the configuration must look like; each check returns the value or raises ValueError."""

from datetime import datetime
from urllib.parse import urlsplit

import dj_database_url

STORES = ("file", "s3", "memory")
MAIL = ("smtp", "smtps", "smtp+tls")
SECRET_CHARACTERS = 32


def database_url(url: str) -> str:
    try:
        known = not url or bool(dj_database_url.parse(url)["ENGINE"])
    except Exception:
        known = False
    if not known:
        raise ValueError("must be a database URL like postgres://user:password@host:5432/name or sqlite:////path")
    return url


def storage_url(url: str) -> str:
    parts = urlsplit(url)
    if url and (parts.scheme not in STORES or not (parts.netloc or parts.path)):
        raise ValueError("must be a storage URL like s3://bucket/prefix or file:///path")
    return url


def mail_url(url: str) -> str:
    parts = urlsplit(url)
    if url and (parts.scheme not in MAIL or not parts.hostname):
        raise ValueError("must be a mail server like smtp://user:password@host:587, or smtps://, or smtp+tls://")
    return url


def dotted_path(path: str) -> str:
    if "." not in path or not all(part.isidentifier() for part in path.split(".")):
        raise ValueError("must be the dotted path of a class, like events.log.sqlite.SqliteLog")
    return path


def moment(text: str) -> str:
    try:
        known = datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        known = False
    if not known:
        raise ValueError("must be a time with a zone, like 2000-01-01T00:00:00Z")
    return text


def origins(origins: list[str]) -> list[str]:
    for origin in origins:
        if urlsplit(origin).scheme not in ("http", "https") or not urlsplit(origin).netloc:
            raise ValueError(f"must be origins like https://iot.example.com, {origin!r} is none")
    return origins


def safe_in_production(*, debug: bool, secret_key: str) -> None:
    if debug:
        raise ValueError("Setting server.debug must be false in production: it shows the inside of every error.")
    if len(secret_key) < SECRET_CHARACTERS:
        raise ValueError(
            f"Setting server.secret_key needs at least {SECRET_CHARACTERS} characters in production: "
            "give it as IOT_SERVER__SECRET_KEY, the same for every process."
        )
