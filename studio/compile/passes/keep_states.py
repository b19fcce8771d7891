"""Which states of neurons a twin run compares."""

from __future__ import annotations

from dataclasses import dataclass

from studio.compile.program import Program
from studio.compile.target import Target
from studio.findings import Finding

MOST = 64_000_000  # bytes of samples


@dataclass(frozen=True)
class KeepStates:
    """Says which states of neurons an emulator gives in every step (`settings["record"]`, [layer, state]): those that the document records.

    For machines whose emulator and artefact know them in the document's unit. Needs: nothing. Guarantees: at most MOST bytes of samples; where there
    would be more, none, and a finding (`lossy.record`). A program without its document (read from text) keeps what its settings say.
    """

    name: str = "keep states"

    def __call__(self, program: Program, target: Target) -> Program:
        wanted = dict.fromkeys((r.path, r.what) for r in (program.flat.traced if program.flat is not None else ()))
        states = {x.key: {s.name for s in x.neuron.model.states} for x in program.layers}
        kept = [[path, what] for path, what in wanted if what in states.get(path, ())]
        size = sum(8 * program.steps * program.layer(path).size for path, _ in kept)
        if size <= MOST:
            return program.choose(record=kept) if kept else program
        text = f"The states that are recorded would take {size / 1e9:.2g} GB in every step; the twin run compares spikes alone."
        return program.say(Finding("lossy.record", "info", "run.record", text))
