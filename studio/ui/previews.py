"""The process that draws how models respond, so that no page waits for a kernel: ("respond", number, request) in, ("response", number, JSON) out.

Of several requests that wait only the newest is computed; the others are answered with None. What was computed is remembered.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from multiprocessing.connection import Client, Connection
from typing import Any

KEPT = 200  # responses


class Server:
    """Hears in one thread, computes in the main one."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._asked: queue.SimpleQueue[tuple[str, dict[str, Any]]] = queue.SimpleQueue()
        self._known: dict[str, dict[str, Any]] = {}

    def serve(self) -> None:
        threading.Thread(target=self._hear, daemon=True).start()
        import studio.engine.run
        import studio.views.response  # noqa: F401 (loaded while nobody waits)

        while True:
            number, request = self._newest()
            self._connection.send(("response", number, self._answer(request)))

    def _hear(self) -> None:
        try:
            while True:
                message = self._connection.recv()
                if message[0] == "respond":
                    self._asked.put((message[1], message[2]))
        except (EOFError, OSError):
            os._exit(0)

    def _newest(self) -> tuple[str, dict[str, Any]]:
        """The newest request of each kind of model that waits; older ones of that kind are answered with None."""
        number, request = self._asked.get()
        others = []
        while not self._asked.empty():
            later = self._asked.get()
            if later[1]["kind"] == request["kind"]:
                self._connection.send(("response", number, None))
                number, request = later
            else:
                others.append(later)
        for other in others:
            self._asked.put(other)
        return number, request

    def _answer(self, request: dict[str, Any]) -> dict[str, Any]:
        name = json.dumps(request, sort_keys=True, default=repr)
        if name not in self._known:
            if len(self._known) >= KEPT:
                self._known.pop(next(iter(self._known)))
            self._known[name] = answer(request)
        return self._known[name]


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """The response as JSON; whatever goes wrong is said in its note."""
    from studio.views.response import respond

    try:
        return respond(
            request["kind"], request["key"], request["params"], models=request["models"], dt=request["dt"], method=request["method"]
        ).to_json()
    except Exception as problem:  # the canvas must hear of anything that goes wrong
        return {"panels": [], "note": f"It could not be tried: {type(problem).__name__}: {problem}"}


def main() -> None:
    import ast

    address, key = sys.stdin.readline().strip(), bytes.fromhex(sys.stdin.readline().strip())
    Server(Client(ast.literal_eval(address), authkey=key)).serve()


if __name__ == "__main__":
    main()
