"""Find a Chromium for the browser tests; where there is none and we may, install Debian's.

`STUDIO_CHROMIUM` names another browser of the family by path.
"""

from __future__ import annotations

import os
import shutil
import sys

from debian import install

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = ("chromium", "fonts-dejavu-core")


def find() -> str | None:
    """The path of the browser that the tests drive, or None."""
    names = (os.environ.get("STUDIO_CHROMIUM"), *NAMES)
    return next((path for name in names if name and (path := shutil.which(name))), None)


def main() -> int:
    if not find():
        install(PACKAGES)
    if not find():
        print("The browser tests need Chromium: install it, or set STUDIO_CHROMIUM to the path of one.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
