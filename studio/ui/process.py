"""A worker process seen from the session: started at once, spoken to over a pipe, and gone without a trace when killed.

Started with `python -m` and not with `multiprocessing.Process`, which would run the user's own script a second time.
"""

from __future__ import annotations

import contextlib
import os
import queue
import secrets
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import Any

Told = Callable[[tuple[Any, ...]], None]
Ended = Callable[[str], None]
# An interrupt meant for the session's process (Ctrl-C, a kernel's stop button) must not reach the run.
_NEW_GROUP = 0 if os.name == "posix" else 0x00000200
_ROOT = str(Path(__file__).resolve().parents[2])


class WorkerProcess:
    """One worker. `told` hears each message in a thread of its own; `ended` hears once, in words, why the process is no more."""

    def __init__(self, told: Told, ended: Ended, module: str = "studio.ui.worker", name: str = "simulation") -> None:
        self._told, self._ended, self._name = told, ended, name
        self._key = secrets.token_bytes(32)
        self._listener = Listener(authkey=self._key)
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 (lives as long as the process)
        self._connected = False
        self._closing = False
        self._outgoing: queue.SimpleQueue[tuple[Any, ...] | None] = queue.SimpleQueue()
        self._process = self._start(module)
        threading.Thread(target=self._watch, name="studio-worker-watch", daemon=True).start()
        threading.Thread(target=self._listen, name="studio-worker", daemon=True).start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None and not self._closing

    def tell(self, *message: Any) -> None:
        """Sends one message, as soon as the process is there. A dead process hears nothing; `ended` has said so."""
        self._outgoing.put(message)

    def close(self) -> None:
        """Ends the process without a word to `ended`."""
        self._closing = True
        self._process.kill()

    def kill(self) -> None:
        """Ends the process at once; `ended` hears."""
        self._process.kill()

    def _start(self, module: str) -> subprocess.Popen[bytes]:
        path = os.pathsep.join(part for part in (_ROOT, os.environ.get("PYTHONPATH", "")) if part)
        process: subprocess.Popen[bytes] = subprocess.Popen(
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=self._errors,
            env={**os.environ, "PYTHONPATH": path},
            start_new_session=os.name == "posix",
            creationflags=_NEW_GROUP,
        )
        assert process.stdin is not None
        process.stdin.write(f"{self._listener.address!r}\n{self._key.hex()}\n".encode())
        process.stdin.close()
        return process

    def _watch(self) -> None:
        """Ends the wait for a process that died before it connected."""
        self._process.wait()
        if not self._connected:
            with contextlib.suppress(OSError, EOFError):
                Client(self._listener.address, authkey=self._key).close()

    def _listen(self) -> None:
        try:
            with self._listener.accept() as connection:
                self._connected = True
                threading.Thread(target=self._write, args=(connection,), name="studio-worker-write", daemon=True).start()
                while True:
                    self._told(connection.recv())
        except (EOFError, OSError):
            pass
        finally:
            self._outgoing.put(None)
            self._listener.close()
            self._process.wait()
            if not self._closing:
                self._ended(self._why())

    def _write(self, connection: Connection) -> None:
        with contextlib.suppress(OSError):
            while (message := self._outgoing.get()) is not None:
                connection.send(message)

    def _why(self) -> str:
        code = self._process.returncode
        if code == -9:
            return f"The {self._name} process was killed (signal 9); the machine may have run out of memory."
        how = f"by signal {-code}" if code < 0 else f"with exit code {code}"
        return f"The {self._name} process ended unexpectedly {how}.{self._last_words()}"

    def _last_words(self) -> str:
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        return f" It last said: {lines[-1]}" if lines else ""
