"""What every service is told by its environment. Each field is `PATCHBAY_` and its name in capitals."""

from base64 import urlsafe_b64decode
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


def _of_32_bytes(key: SecretStr) -> SecretStr:
    if len(urlsafe_b64decode(key.get_secret_value())) != 32:
        raise ValueError("a key is 32 bytes in urlsafe base64")
    return key


SecretKey = Annotated[SecretStr, AfterValidator(_of_32_bytes)]
"""32 bytes in urlsafe base64."""


class ProcessSettings(BaseSettings):
    """What every process is told. Read once at start; a wrong value ends the process with the field's name."""

    model_config = SettingsConfigDict(env_prefix="PATCHBAY_", extra="ignore", hide_input_in_errors=True)

    kafka: str = "127.0.0.1:9092"
    """host:port, several with commas"""
    http_host: str = "127.0.0.1"
    """Where `/livez`, `/readyz`, `/metrics` and the gateway's API listen."""
    http_port: int = 0
    """0: any free port"""
    replica: str = "1"
    """Unique among the running replicas of a service and the same after a restart: it is the static group member."""
    topic_prefix: str = ""
    """Before every topic and consumer group, so that several suites can share a broker."""
    log_level: str = "INFO"
    """Of the service's own log lines; libraries log from WARNING on."""
    most_bytes: int = Field(default=1_000_000, ge=1024)
    """A longer record is not read: for a consumer it is a dead letter."""
    collect_every: timedelta = Field(default=timedelta(seconds=5), gt=timedelta(0))
    """So often Python looks for memory that only refers to itself. Seldom costs less; often lets nobody wait long."""


class ServiceSettings(ProcessSettings):
    """What a service with a database and a consumer is told besides."""

    database: str = "postgresql+asyncpg://127.0.0.1:5432/patchbay"
    """The service's own database, with its own role: `postgresql+asyncpg://role:password@host:port/name`"""
    lanes: int = Field(default=1, ge=1)
    """Consumers of this process, each with its own partitions and connection: one computes while another waits for
    the database."""
    most_records: int = Field(default=1000, ge=1)
    """How many records a batch holds at the most."""
    session_timeout: timedelta = timedelta(seconds=10)
    """So long Kafka keeps the partitions of a process that is silent."""
    resend_after: timedelta = timedelta(seconds=5)
    """Unsent messages of HTTP requests and timers are sent again when they are this old."""
    keep_journal: timedelta = timedelta(days=8)
    """Longer than any topic keeps a record; an older message cannot be told from a duplicate."""
    most_dead_letters: int = Field(default=200, ge=1)
    """So many messages a minute may fail in handlers; more is not poison but a bug, and ends the process."""
    no_progress_limit: timedelta = timedelta(seconds=90)
    """The watchdog ends a process that has lag and has not finished a batch for so long."""
