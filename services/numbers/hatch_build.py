"""Compiles the search index's kernel with the compiler that the ziglang wheel brings, so a machine needs none."""

import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

INDEX = "numbers_service/index"
CPUS = {"x86_64": ("x86_64_v2", "x86_64_v4"), "aarch64": ("generic",)}
"""One library for each; the first runs everywhere, index/kernel.py takes the last that the machine can run."""


class Kernel(BuildHookInterface):  # type: ignore[type-arg]  # hatchling's generic has no public argument for it
    """Runs before an editable install, where the libraries stay beside the source, and before a wheel is packed."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  # hatchling's signature
        """Compile, and make the wheel one of this platform."""
        build_data["pure_python"] = False
        build_data["infer_tag"] = False
        build_data["tag"] = f"py3-none-{_platform()}"
        folder = Path(self.root) / INDEX
        for cpu in CPUS.get(platform.machine(), ("native",)):
            library = f"kernel-{cpu}.so"
            _compile(folder, library, cpu)
            build_data["artifacts"].append(f"{INDEX}/{library}")


def _platform() -> str:
    if sys.platform == "linux":
        return f"manylinux_2_17_{platform.machine()}"
    return platform.platform().lower().replace("-", "_").replace(".", "_")


def _compile(folder: Path, library: str, cpu: str) -> None:
    target = ["-target", f"{platform.machine()}-linux-gnu.2.17"] if sys.platform == "linux" else []
    subprocess.run(
        [sys.executable, "-m", "ziglang", "cc", "-std=gnu11", "-O3", "-g0", "-shared", "-fPIC", "-fvisibility=hidden",
         "-fno-sanitize=all", "-Wall", "-Werror", *target, f"-mcpu={cpu}", "-o", library, "kernel.c", "-lm"],
        cwd=folder, check=True,
    )  # fmt: skip
