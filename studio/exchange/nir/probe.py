"""Reads an HDF5 file once in a process of its own, because the HDF5 library can loop for ever or crash on damaged bytes.

Run as a script (`python probe.py FILE`) it needs h5py only. Errors that Python sees are left to the real reading.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from pathlib import Path

SECONDS = 20.0  # for a small file; a second more for every 20 MB
MAX_BYTES = 2**32
MAX_OBJECTS = 500_000


def verdict(path: str | Path) -> str:
    """Empty when the file can be walked through; else what is wrong, as the end of a sentence."""
    limit = SECONDS + Path(path).stat().st_size / 20e6
    try:
        done = subprocess.run([sys.executable, "-I", __file__, str(path)], timeout=limit, capture_output=True, check=False)
    except subprocess.TimeoutExpired:
        return f"reading it did not end within {limit:.0f} s, so its bytes are damaged"
    return "" if done.returncode >= 0 else "reading it crashes the HDF5 library, so its bytes are damaged"


def walk(path: str) -> None:
    """Read every value that the reader may read."""
    import h5py

    left = [MAX_BYTES, MAX_OBJECTS]

    def visit(group: h5py.Group, depth: int) -> None:
        for name in group:
            left[1] -= 1
            if left[1] < 0 or depth > 40:
                return
            if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                continue
            member = group[name]
            if isinstance(member, h5py.Group):
                visit(member, depth + 1)
            elif isinstance(member, h5py.Dataset) and not member.external and not member.is_virtual:
                left[0] -= (member.size or 0) * 8
                if left[0] >= 0:
                    member[()]

    with h5py.File(path, "r") as file:
        visit(file, 0)


if __name__ == "__main__":
    with contextlib.suppress(Exception):
        walk(sys.argv[1])
