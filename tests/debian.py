"""Programs that tests need, from Debian's packages, where we may install some."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable


def install(packages: Iterable[str]) -> None:
    """By way of sudo where we are not root; quietly nothing elsewhere."""
    if not shutil.which("apt-get"):
        return
    apt = ["apt-get"] if os.geteuid() == 0 else ["sudo", "-n", "apt-get"]
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
        try:
            subprocess.run([*apt, *words], check=False, env=quiet, stdout=subprocess.DEVNULL)
        except OSError:  # no sudo here
            return
