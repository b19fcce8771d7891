// The messages between the surface and Python, and the line they travel on. The same over a notebook's comm and Panel's socket.

import type { Catalogue, Entry } from "./catalogue";
import type { Patch } from "./command";
import type { Finding, Written } from "./document";
import type { Question } from "./questions";
import type { Abilities, CompileState, Notice, RecordedState, RunPhase, RunProfile, Template } from "./session";
import type { Row } from "./spikes";

interface Labels {
  undo: string | null;
  redo: string | null;
}

export type FromPython =
  | ({ type: "hello"; rev: number; document: Written; catalogue: Catalogue; findings: Finding[]; templates: Template[]; can: Partial<Abilities>; file: string | null; dirty?: boolean; kernel_reason?: string; synapses?: { [path: string]: number } } & Labels)
  | ({ type: "patch"; rev: number; patch: Patch; findings: Finding[]; by: "canvas" | "python" | "undo"; id?: string; dirty?: boolean; synapses?: { [path: string]: number } } & Labels)
  | { type: "refused"; rev: number; document: Written; findings: Finding[]; reason: string; id?: string }
  | ({ type: "document"; rev: number; document: Written; findings: Finding[]; file: string | null; dirty?: boolean; synapses?: { [path: string]: number } } & Labels)
  | { type: "findings"; rev: number; findings: Finding[]; synapses: { [path: string]: number } }
  | RunMessage
  | FrameMessage
  | TracesMessage
  | { type: "profile"; run: string | number; profile: RunProfile }
  | { type: "exported"; name: string; mime: string; findings: Finding[] }
  | { type: "answer"; id: string; value: unknown }
  | ({ type: "compile" } & CompileState)
  | { type: "own_models"; entries: Entry[] }
  | { type: "saved"; file: string | null }
  | { type: "notice"; text: string; severity: Notice["severity"] };

export interface RunMessage {
  type: "run";
  run: string | number;
  state: Exclude<RunPhase, "idle">;
  t_ms: number;
  duration_ms: number;
  wall_s: number;
  speed: number;
  text: string;
  spikes: number;
  rates: { [path: string]: number };
  sparsity: { [path: string]: number };
  answer?: string;
  /** What was changed last while it ran ("steered: exc.tau_m = 15 ms at 320 ms"). */
  steered?: string;
  findings: Finding[];
  rev: number;
}

/** With two buffers: uint32 steps (ascending), uint32 rows. `replace`: forget what was held. `thinned`: one spike in so many is shown. */
export interface FrameMessage {
  type: "frame";
  run: string | number;
  n: number;
  t_ms: number;
  dt_ms: number;
  rows: Row[];
  replace?: boolean;
  thinned?: number;
}

/** With two buffers of float32 for each trace: times [ms], and values, a row a neuron. */
export interface TracesMessage {
  type: "traces";
  run: string | number;
  traces: Omit<RecordedState, "times" | "values">[];
}

export type ToPython =
  | { type: "ready" }
  | { type: "patch"; id: string; base_rev: number; patch: Patch; inverse: Patch; label: string; gesture?: string }
  | { type: "undo" }
  | { type: "redo" }
  | { type: "run"; duration_ms: number; seed: number }
  | { type: "cancel" }
  | { type: "ack"; run: string | number; n: number }
  | { type: "new" }
  | { type: "open_template"; name: string }
  | { type: "open"; name: string; text: string; base64?: string }
  | { type: "save" }
  | { type: "export"; format: string }
  | { type: "compile"; target: string; options: object; verify: boolean }
  | { type: "cancel_compile" }
  | { type: "ask"; id: string; what: Question; given: object };

/** A line to Python: messages keep their order and none is lost. */
export interface Transport {
  send(message: ToPython): void;
  /** Returns how to stop listening. */
  listen(listener: (message: FromPython, buffers: DataView[]) => void): () => void;
  /** Called when Python has gone away for good; returns how to stop. */
  onLost?(listener: () => void): () => void;
}
