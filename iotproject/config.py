"""What can be configured: one class per section, read from YAML, the environment wins.

`IOT_SETTINGS` names the YAML file, `IOT_<SECTION>__<KEY>` sets any single key, and `IOT_DATA_DIR` says where all
local state lies. Every key and its default is explained in `configs/development.yaml`.
"""

import os
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    YamlConfigSettingsSource,
)

from iotproject import values
from iotproject.mistakes import ConfigurationError, explain, unknown_variables

ROOT = Path(__file__).resolve().parent.parent


def _names(value: Any) -> Any:
    """Lists may come from the environment as `a,b,c`."""
    return [name.strip() for name in value.split(",") if name.strip()] if isinstance(value, str) else value


Names = Annotated[list[str], NoDecode, BeforeValidator(_names)]
Origins = Annotated[list[str], NoDecode, BeforeValidator(_names), AfterValidator(values.origins)]
Positive = Annotated[int, Field(gt=0)]
Seconds = Annotated[float, Field(gt=0)]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Server(Section):
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8080
    debug: bool = False
    secret_key: str = ""
    internal_secret: str = ""
    allowed_hosts: Names = ["localhost", "127.0.0.1", "[::1]"]
    trusted_origins: Origins = []
    header_timeout_s: Seconds = 10
    body_timeout_s: Seconds = 30


class Database(Section):
    url: Annotated[str, AfterValidator(values.database_url)] = ""


class LogStore(Section):
    backend: Annotated[str, AfterValidator(values.dotted_path)] = "events.log.sqlite.SqliteLog"
    shards: Annotated[int, Field(ge=1, le=1024)] = 1
    keep_days: Annotated[float, Field(ge=0)] = 0


class Storage(Section):
    url: Annotated[str, AfterValidator(values.storage_url)] = ""


class Tasks(Section):
    broker_url: str = ""
    concurrency: Positive = 1


class Ingest(Section):
    max_events: Positive = 100_000
    max_bytes: Positive = 4 * 1024 * 1024
    max_unpacked_bytes: Positive = 32 * 1024 * 1024
    max_depth: Positive = 32
    events_per_second: Annotated[int, Field(ge=0)] = 0


class Events(Section):
    max_clock_ahead_s: Annotated[float, Field(ge=0)] = 300
    earliest_observed_at: Annotated[str, AfterValidator(values.moment)] = "2000-01-01T00:00:00Z"
    retention_days: Annotated[float, Field(ge=0)] = 0
    dead_letter_flood_per_minute: Positive = 1000
    keep_dead_letters_days: Annotated[float, Field(ge=0)] = 90


class Reformer(Section):
    processing_interval_ms: Positive = 150
    batch_size: Positive = 100_000
    epoch_interval_ms: Positive = 400
    clock_interval_ms: Positive = 1000
    handover_late_events: Positive = 50_000
    segment_events: Positive = 1_000_000


class Calculator(Section):
    replicas: Annotated[int, Field(ge=1, le=26)] = 2
    memory_limit_mb: Positive = 512
    threads: Positive = 2
    fold_rows: Positive = 50_000
    events_per_step: Positive = 200_000
    keep_corrections_days: Annotated[float, Field(ge=0)] = 90
    units: Names = []


class Presence(Section):
    offline_after_s: Seconds = 900


class Board(Section):
    lease_s: Seconds = 3
    heartbeat_s: Seconds = 0.5
    decide_interval_s: Seconds = 0.1
    promote_tether_s: Seconds = 2
    read_patience_s: Seconds = 2

    @model_validator(mode="after")
    def _beats_within_the_lease(self) -> Self:
        if self.heartbeat_s >= self.lease_s:
            raise ValueError(
                f"heartbeat_s ({self.heartbeat_s:g}) must be shorter than lease_s ({self.lease_s:g}), "
                "or every calculator would be taken for dead between two beats"
            )
        return self


class Snapshots(Section):
    interval_s: Seconds = 900
    keep: Positive = 3


class Alerts(Section):
    most_per_rule: Positive = 10_000
    told_within_s: Annotated[float, Field(ge=0)] = 5


class Notifying(Section):
    allow_private: bool = False
    deadline_s: Seconds = 10
    give_up_after_s: Seconds = 86_400
    keep_days: Annotated[float, Field(ge=0)] = 90
    mail_url: Annotated[str, AfterValidator(values.mail_url)] = ""
    mail_from: str = "iot-event-processor@localhost"


class Logging(Section):
    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    format: Literal["auto", "json", "console"] = "auto"


class Config(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="IOT_", env_nested_delimiter="__", extra="forbid", frozen=True, yaml_file_encoding="utf-8"
    )

    environment: Literal["development", "production"] = "development"
    data_dir: Path = ROOT / "var"
    settings: Path | None = None
    server: Server = Server()
    database: Database = Database()
    log: LogStore = LogStore()
    storage: Storage = Storage()
    tasks: Tasks = Tasks()
    ingest: Ingest = Ingest()
    events: Events = Events()
    reformer: Reformer = Reformer()
    calculator: Calculator = Calculator()
    presence: Presence = Presence()
    board: Board = Board()
    snapshots: Snapshots = Snapshots()
    alerts: Alerts = Alerts()
    notifying: Notifying = Notifying()
    logging: Logging = Logging()

    @model_validator(mode="after")
    def _production_is_safe(self) -> Self:
        if self.environment == "production":
            values.safe_in_production(debug=self.server.debug, secret_key=self.server.secret_key)
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        yaml_source = YamlConfigSettingsSource(settings_cls, yaml_file=settings_file())
        return init_settings, env_settings, yaml_source


def settings_file() -> Path:
    """The YAML file in use."""
    return Path(os.environ.get("IOT_SETTINGS") or ROOT / "configs" / "development.yaml")


def load() -> Config:
    """The configuration of this process; raises `ConfigurationError` with a sentence for every mistake in it."""
    path = settings_file()
    if not path.is_file():
        raise ConfigurationError(f"There is no settings file {path}: IOT_SETTINGS must name a YAML file.")
    if unknown := unknown_variables(os.environ, Config.model_fields):
        raise ConfigurationError("\n".join(unknown))
    try:
        return Config()
    except ValidationError as error:
        raise ConfigurationError(explain(error, os.environ)) from None
    except SettingsError as error:
        raise ConfigurationError(f"{_capital(str(error))}: set single keys as IOT_<SECTION>__<KEY>.") from None
    except (yaml.YAMLError, OSError, ValueError, TypeError) as error:
        raise ConfigurationError(f"The settings file {path} cannot be read: {_line(error)}.") from None


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
