"""Pages of these documents that are made from code: written anew, or, with `--check`, only compared."""

import sys
from pathlib import Path


def main(file: Path, expected: str) -> int:
    """Write it; or say that it is not up to date, which is 1."""
    if "--check" not in sys.argv[1:]:
        file.write_text(expected)
        return 0
    is_current = file.exists() and file.read_text() == expected
    sys.stdout.write("" if is_current else f"not up to date: python docs/{Path(sys.argv[0]).name} writes it\n")
    return int(not is_current)
