"""The process that says whether a network fits a machine, and that compiles it, so that no page waits.

("fit", number, document, targets, loads, recording) in, ("fit", number, answer) out: of several that wait only the newest is computed, the
others are answered with None. ("compile", number, document, order) in; ("step", number, name, share) and at the end ("compiled", number, result) out.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
import time
import zipfile
from dataclasses import replace
from multiprocessing.connection import Client, Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.findings import FindingError
from studio.ui.fixes import with_settings
from studio.ui.kernels import COMPILING, compiling_told
from studio.ui.orders import Done, Order
from studio.ui.pipe import Line
from studio.ui.said import Json

if TYPE_CHECKING:
    from studio.compile.pipeline import Compiled
    from studio.network.flat import FlatNetwork

KEPT = 30  # answers
EPOCH = (1980, 1, 1, 0, 0, 0)  # the same artefact, the same archive
STAGES = 3  # of a verification: ideal run, emulator, artefact
PAUSE_S = 0.1  # between two reports on the same step
ARTEFACT = 0.55  # of a compilation's bar that is over when the artefact stands, where it is verified too


class Server:
    """Hears in one thread, computes in the main one."""

    def __init__(self, connection: Connection) -> None:
        self._connection = Line(connection)
        self._asked: queue.SimpleQueue[tuple[Any, ...]] = queue.SimpleQueue()
        self._known: dict[Any, Json] = {}

    def serve(self) -> None:
        threading.Thread(target=self._hear, daemon=True).start()
        import studio.backends

        studio.backends.backends()  # loaded while nobody waits
        while True:
            message = self._newest()
            if message[0] == "fit":
                self._connection.send(("fit", message[1], self._answer(*message[2:])))
            else:
                self._compile(*message[1:])

    def _hear(self) -> None:
        try:
            while True:
                self._asked.put(self._connection.recv())
        except (EOFError, OSError):
            os._exit(0)

    def _newest(self) -> tuple[Any, ...]:
        """The next message; of questions that wait in a row the last, the others are answered with None."""
        message = self._asked.get()
        while message[0] == "fit" and not self._asked.empty():
            self._connection.send(("fit", message[1], None))
            message = self._asked.get()
        return message

    def _answer(self, document: bytes, targets: tuple[str, ...], loads: bool, recording: str | None) -> Json:
        name = (document, targets, loads, recording)
        if name not in self._known:
            if len(self._known) >= KEPT:
                self._known.pop(next(iter(self._known)))
            self._known[name] = answer(document, targets, loads, recording)
        return self._known[name]

    def _compile(self, number: int, document: bytes, order: Order) -> None:
        said, shown = ("", 0.0), 0.0

        def step(name: str, share: float) -> None:
            nonlocal said, shown
            now, shown = time.monotonic(), share
            if name != said[0] or now - said[1] >= PAUSE_S:
                said = (name, now)
                self._connection.send(("step", number, name, share))

        def compiling() -> None:
            step(COMPILING, shown)

        with compiling_told(compiling):
            done = compiled(document, order, step)
        self._connection.send(("compiled", number, done))


def answer(document: bytes, targets: tuple[str, ...], loads: bool = False, recording: str | None = None) -> Json:
    """The reports by target, or in `why` what stands in the way. With `loads` they tell what the links carry, in the run of a recording if given."""
    try:
        flat = _flat(document)
    except FindingError as error:
        return {"reports": {}, "why": f"Whether it fits is known once the network has no errors: {error.findings[0].text}"}
    reports: dict[str, Json] = {}
    for target in targets:
        try:
            reports[target] = with_settings(_fit(flat, target, loads, recording), flat.constraints)
        except FindingError as error:  # a target that is not installed here
            return {"reports": reports, "why": str(error.findings[0])}
        except Exception as problem:  # the canvas must hear of anything that goes wrong
            return {"reports": reports, "why": f"{target}: {type(problem).__name__}: {problem}"}
    return {"reports": reports, "why": ""}


def _fit(flat: FlatNetwork, target: str, loads: bool, recording: str | None) -> Json:
    from studio.backends import backend
    from studio.compile.pipeline import compile_flat
    from studio.ui.loads import with_loads

    found = compile_flat(flat, backend(target), {"estimate": True})
    report = with_loads(found, recording) if loads else found.report
    return replace(report, estimate=True).to_json()


def compiled(document: bytes, order: Order, step: Any) -> Done:
    """Compiles, emits, verifies if asked, and packs artefact and report; `step(name, share)` hears how far it is."""
    try:
        done = _compiled(_flat(document), order, step)
    except FindingError as error:
        return Done(None, str(error.findings[0]), error.findings)
    except Exception as problem:  # the canvas must hear of anything that goes wrong
        return Done(None, f"{type(problem).__name__}: {problem}")
    from studio.views.compiled import write

    folder = Path(order.folder)
    report = write(done.report, folder)
    step("Packing", 1.0)
    pack(folder, report.files, Path(order.archive))
    return Done(with_settings(report.to_json(), done.program.constraints))


def _compiled(flat: FlatNetwork, order: Order, step: Any) -> Compiled:
    from studio.backends import backend
    from studio.compile.pipeline import compile_flat, settled

    chosen = backend(order.target)
    passes = len(chosen.passes(settled(chosen, order.options)))
    end = ARTEFACT if order.verify else 0.9
    count = 0

    def watch(name: str, _: Any) -> None:
        nonlocal count
        step(name.replace("-", " ").replace("_", " ").capitalize(), end * min(1.0, count / passes))
        count += 1

    step("Reading the network", 0.0)
    done = compile_flat(flat, chosen, order.options, watch=watch)
    if not done.fits:
        return done
    step("Writing the artefact", end)
    done = done.emit(order.folder)
    return _verified(done, order, step) if order.verify else done


def _verified(done: Compiled, order: Order, step: Any) -> Compiled:
    from studio.backends.verify import verify

    stages: dict[str, int] = {}

    def watch(stage: str, part: float) -> None:
        share = min(1.0, (stages.setdefault(stage, len(stages)) + part) / STAGES)
        step(f"Verifying: {stage}", ARTEFACT + (0.97 - ARTEFACT) * share)

    return verify(done, order.folder, watch=watch)


def pack(folder: Path, files: tuple[str, ...], archive: Path) -> None:
    """The files as one archive, the same bytes for the same files."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        for name in sorted(files):
            out.writestr(zipfile.ZipInfo(name, EPOCH), (folder / name).read_bytes(), zipfile.ZIP_DEFLATED)


def _flat(document: bytes) -> FlatNetwork:
    from studio.network.files import loads
    from studio.network.flatten import flatten

    read, findings = loads(document)
    if read is None:
        raise FindingError(findings)
    return flatten(read)


def main() -> None:
    import ast

    address, key = sys.stdin.readline().strip(), bytes.fromhex(sys.stdin.readline().strip())
    Server(Client(ast.literal_eval(address), authkey=key)).serve()


if __name__ == "__main__":
    main()
