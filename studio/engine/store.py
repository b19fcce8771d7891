"""Where rendered kernels live: one file per text, named by its hash, in the user's cache, so that numba's disk cache works in the next process."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import sys
import tempfile
import threading
from functools import lru_cache
from pathlib import Path
from types import ModuleType

import platformdirs

HEAD = '''"""A kernel of Spike Studio, rendered from its models; safe to delete."""

import math

import numpy as np
from numba import carray, cfunc, njit

from studio.engine.native import KERNEL_SIGNATURE, prefetch, prefetch_bytes, view
from studio.engine.random import normal, poisson, subkey, uniform

'''


def cache_folder() -> Path:
    """The cache: STUDIO_CACHE, or the user's cache folder; a temporary one where neither can be written."""
    wanted = os.environ.get("STUDIO_CACHE")
    folder = Path(wanted) if wanted else Path(platformdirs.user_cache_dir("spike-studio"))
    try:
        (folder / "kernels").mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder / "kernels"):
            return folder / "kernels"
    except OSError:
        return Path(tempfile.mkdtemp(prefix="spike-studio-"))


_FROM_THE_ENGINE = re.compile(r"^from studio\.engine(?:\.(\w+) import| import (\w+))", re.MULTILINE)


def _stamp(text: str) -> str:
    """Changes with anything compiled into a kernel from outside its text: the engine's files that it imports, and those that these import."""
    import numba

    files: dict[str, str] = {}
    unread = [text]
    while unread:
        for module, whole in _FROM_THE_ENGINE.findall(unread.pop()):
            name = module or whole
            if name not in files:
                files[name] = _engine_file(name)
                unread.append(files[name])
    here = hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest()[:16]
    return f"# numba {numba.__version__}, engine {here}\n"


@lru_cache(maxsize=64)
def _engine_file(name: str) -> str:
    return (Path(__file__).parent / f"{name}.py").read_text(encoding="utf-8")


_LOADING = threading.RLock()  # two runs in threads of one process may want the same kernel


def load(source: str) -> ModuleType:
    """The module of a kernel's text, written once and imported from its file."""
    with _LOADING:
        return _loaded(source)


@lru_cache(maxsize=512)
def _loaded(source: str) -> ModuleType:
    text = _stamp(HEAD + source) + HEAD + source
    name = "spike_studio_kernel_" + hashlib.sha256(text.encode()).hexdigest()[:24]
    if name in sys.modules:
        return sys.modules[name]
    path = cache_folder() / f"{name}.py"
    if not path.exists() or path.read_text() != text:
        _write(path, text)
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:  # cannot happen for a .py file
        raise ImportError(f"The kernel {path} cannot be imported.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _write(path: Path, text: str) -> None:
    """Whole or not at all: two processes may write the same kernel."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    with os.fdopen(handle, "w") as file:
        file.write(text)
    os.replace(temporary, path)
