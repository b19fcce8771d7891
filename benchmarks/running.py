"""Side by side: in every round the engine and each peer take their turn, every measurement in a process of its own."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks import environments, machine, results
from benchmarks.cases import CASES, Case, Peer
from benchmarks.engine import Engine
from benchmarks.process import Failed, Finished
from benchmarks.results import Measurement


@dataclass(frozen=True)
class Asked:
    """What the command line asks for. Empty peers or threads: those of the case."""

    peers: tuple[str, ...] | None = None
    threads: tuple[int, ...] = ()
    repeats: int = 0
    out: Path = results.FOLDER
    ways: tuple[str, ...] = ()
    patience_s: float = 10.0  # how long a measurement waits for a quiet machine


@dataclass(frozen=True)
class Turn:
    """Whose turn it is in a round."""

    name: str
    rounds: int
    go: Callable[[int], Measurement]


def run(key: str, asked: Asked) -> Path:
    """Measure a case; the result file is written anew after every measurement."""
    case = narrowed(CASES[key], asked)
    measurements: list[Measurement] = []
    problems: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        turns = list(_turns(case, Path(folder), problems))
        path = _save(case, measurements, problems, asked.out)
        for repeat in range(max(t.rounds for t in turns)):
            for turn in turns:
                if repeat < turn.rounds:
                    machine.settle(asked.patience_s)
                    _take(turn, repeat, measurements, problems)
                    path = _save(case, measurements, problems, asked.out)
    return path


def narrowed(case: Case, asked: Asked) -> Case:
    """The case with only the peers, threads and repeats that are asked for."""

    def wanted(threads: Sequence[int]) -> tuple[int, ...]:
        return tuple(n for n in threads if not asked.threads or n in asked.threads)

    ways = tuple(replace(w, threads=wanted(w.threads)) for w in case.ways if not asked.ways or w.name in asked.ways)
    peers = tuple(p for p in case.peers if (asked.peers is None or p.name in asked.peers) and wanted((p.threads,)))
    return replace(case, ways=ways, peers=peers, repeats=asked.repeats or case.repeats)


def _turns(case: Case, folder: Path, problems: list[str]) -> Iterator[Turn]:
    engine = Engine(folder)
    for way in case.ways:
        for threads in way.threads:
            try:
                engine.warm_up(case, way, threads)
            except Failed as wrong:
                problems.append(f"engine, {way.name}, {threads} threads: {wrong.brief}")
                print(wrong)
                continue
            yield Turn(f"engine {way.name} {threads}T", case.repeats, lambda r, w=way, t=threads: engine.run(case, w, t, r))
    for peer in case.peers:
        if reason := environments.missing(peer.name):
            if reason not in problems:
                problems.append(reason)
                print(f"left out: {reason}")
            continue
        document = case.document(folder / f"{case.key}_peers.snn.json")
        rounds = min(case.repeats, peer.repeats or case.repeats)
        yield Turn(f"{peer.name} {peer.threads}T", rounds, lambda r, p=peer, d=document: run_peer(p, d, r))
        for way in case.ways:
            if way.nest and way.document and peer.name == "nest" and peer.threads > 1:
                same = way.document(folder / f"{case.key}_{way.name.replace(' ', '_')}.snn.json")
                yield Turn(f"nest {way.nest} {peer.threads}T", rounds, lambda r, p=peer, d=same, w=way.nest: run_peer(p, d, r, w))


def _take(turn: Turn, repeat: int, measurements: list[Measurement], problems: list[str]) -> None:
    try:
        made = turn.go(repeat)
    except Failed as wrong:
        problems.append(f"{turn.name}: {wrong.brief}")
        print(wrong)
        return
    measurements.append(made)
    speed = " ".join(f"{f:.4g}" for f in made.factors)
    print(
        f"{turn.name:32} #{repeat + 1}: {speed} s per biological second, build {made.build_s:.2f} s, waited {100 * made.wait_share:.1f} %",
        flush=True,
    )


def run_peer(peer: Peer, document: Path, repeat: int, way: str = "", seed: int = 1) -> Measurement:
    """One process of a peer: a span that is not measured, then those that are."""
    arguments = [f"--threads={peer.threads}", f"--warm={peer.warm:g}", f"--span={peer.span:g}", f"--seed={seed}", *peer.arguments]
    if peer.name == "brian2":
        arguments.append(f"--folder={environments.home() / 'built' / f'{document.stem}_{peer.threads}'}")
    return measured(environments.run(peer.name, document, *arguments), way, repeat)


def measured(done: Finished, way: str, repeat: int) -> Measurement:
    """A peer's answer as a measurement."""
    said = done.answer
    kept = ("threads", "wall_s", "span_ms", "build_s", "compile_s", "synapses", "peak_bytes", "network_bytes", "rates", "cv", "weights")
    return Measurement(
        who=said["simulator"],
        way=way,
        repeat=repeat,
        elapsed_s=done.elapsed_s,
        cpu_s=done.cpu_s,
        wait_share=done.wait_share,
        load=done.load,
        version=said["version"],
        more={"import_s": said["import_s"], "notes": said["notes"]},
        **{k: said[k] for k in kept},
    )


def _save(case: Case, measurements: list[Measurement], problems: list[str], out: Path) -> Path:
    return results.save(case.key, {"case": case.key, "title": case.title, "measurements": measurements, "problems": problems}, out)
