"""One PostgreSQL server of our own: made by initdb, on loopback, durable, set up for a bench."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from signal import SIGINT

import asyncpg
import psutil

from patchbay_local.ports import accepts
from patchbay_local.postgres_programs import account, can_enter, major_version, programs, within_reach
from patchbay_local.running import Process, run_as
from patchbay_local.state import State, password
from patchbay_local.waiting import LocalError, run_async

# fsync and synchronous_commit stay on: a promise about what survives is worth nothing without them.
SETTINGS = """\
# Written at every start by patchbay_local.postgres; changes made here are lost.
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
max_connections = 200
password_encryption = 'scram-sha-256'

fsync = on
synchronous_commit = on
wal_compression = {wal_compression}
max_wal_size = '4GB'
checkpoint_timeout = '15min'

shared_buffers = '{shared_buffers}'
random_page_cost = 1.1
autovacuum = on

log_destination = 'stderr'
logging_collector = off
log_line_prefix = '%m [%p] %q%u@%d '
log_timezone = 'UTC'
timezone = 'UTC'
"""

ACCESS = "host all all 127.0.0.1/32 scram-sha-256\n"


class PostgresServer:
    def __init__(self, state: State) -> None:
        self._state = state
        self.port = state.port("postgres")
        self._password = state.once("postgres_password", password)
        self._user = account()

    @property
    def admin_url(self) -> str:
        """Without a database: who uses it appends one."""
        return f"postgresql://postgres:{self._password}@127.0.0.1:{self.port}"

    def prepare(self) -> None:
        """Makes the data folder if there is none, and writes the settings. Nothing of it may run yet."""
        home = self._home()
        folder = within_reach(programs(), home, self._user)
        data = home / "data"
        if not (data / "PG_VERSION").exists():
            self._initdb(folder, data)
        made_by, runs = (data / "PG_VERSION").read_text().strip(), major_version(folder)
        if made_by != runs:
            raise LocalError(
                f"{data} was made by PostgreSQL {made_by}, and {folder} is {runs}: "
                f"point PG_BIN at version {made_by}, or give the data up with `down --wipe`"
            )
        _forget_dead_postmaster(data)
        # Half a gigabyte only where it leaves room for Kafka and the services.
        roomy = psutil.virtual_memory().total > 3 * 2**30
        settings = SETTINGS.format(
            port=self.port,
            shared_buffers="512MB" if roomy else "128MB",
            wal_compression="lz4" if _knows_lz4(folder) else "on",
        )
        (data / "postgresql.conf").write_text(settings)
        (data / "pg_hba.conf").write_text(ACCESS)
        self._state.put("postgres_programs", str(folder))

    def process(self) -> Process:
        command = (f"{self._state.get('postgres_programs')}/postgres", "-D", str(self._home() / "data"))
        # SIGINT is its "fast" stop: open connections are closed, and what they had not committed is undone.
        # It does not start in a folder that its account cannot enter.
        return Process("postgres", command, Path("/"), user=self._user, stop_signal=SIGINT)

    def answers(self) -> bool:
        return accepts(self.port) and run_async(answers(self.admin_url))

    def remove(self) -> None:
        shutil.rmtree(self._home(), ignore_errors=True)

    def _home(self) -> Path:
        """Inside the state if PostgreSQL's account can get there, else under /var/tmp, and remembered."""
        if kept := self._state.get("postgres_home"):
            home = Path(kept)
            home.mkdir(parents=True, exist_ok=True)
        elif self._user is None or can_enter(self._state.folder, self._user):
            home = self._state.folder / "postgres"
            home.mkdir(exist_ok=True)
        else:
            large = Path("/var/tmp")  # noqa: S108 - mkdtemp makes an unguessable name
            home = Path(tempfile.mkdtemp(prefix="patchbay-", dir=large if large.is_dir() else None))
        if self._user is not None:
            home.chmod(0o711)
        self._state.put("postgres_home", str(home))
        return home

    def _initdb(self, folder: Path, data: Path) -> None:
        half = data.with_name("data.new")
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(mode=0o700)
        secret = half.with_name("password.new")
        secret.touch(mode=0o600)
        secret.write_text(self._password)
        if self._user is not None:
            shutil.chown(half, self._user)
            shutil.chown(secret, self._user)
        try:
            for locale in ("--locale=C.UTF-8", "--no-locale"):  # not every system has the first
                made = run_as(
                    self._user, folder / "initdb", "-D", half, "-U", "postgres", f"--pwfile={secret}",
                    "-E", "UTF8", "--auth=scram-sha-256", locale,
                )  # fmt: skip
                if made.returncode == 0:
                    break
            else:
                raise LocalError(f"initdb failed:\n{made.stdout}{made.stderr}")
        finally:
            secret.unlink()
        half.rename(data)


def _knows_lz4(folder: Path) -> bool:
    said = subprocess.run([folder / "pg_config", "--configure"], capture_output=True, text=True, check=False)
    return "--with-lz4" in said.stdout


def _forget_dead_postmaster(data: Path) -> None:
    """After a reboot the recorded process id may be someone else's; PostgreSQL would then refuse to start."""
    lock = data / "postmaster.pid"
    with suppress(FileNotFoundError, IndexError, ValueError):
        pid = int(lock.read_text().splitlines()[0])
        try:
            living = "postgres" in psutil.Process(pid).name()
        except psutil.Error:
            living = False
        if not living:
            lock.unlink()


async def answers(admin_url: str) -> bool:
    try:
        connection = await asyncpg.connect(f"{admin_url}/postgres", timeout=5)
    except (OSError, asyncpg.PostgresError, TimeoutError, asyncpg.InternalClientError):
        return False
    try:
        return bool(await connection.fetchval("SELECT true"))
    except (OSError, asyncpg.PostgresError):
        return False
    finally:
        with suppress(OSError, asyncpg.PostgresError, TimeoutError):
            await connection.close(timeout=2)
