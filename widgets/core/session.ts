// A session: the one store a surface reads and writes. Two kinds: RemoteSession (Python decides) and LocalSession (no kernel).
//
// For React: `useSyncExternalStore(session.subscribe, session.getState)`. The state is frozen and shares structure:
// what did not change is the same object. Spikes are not in the state (they are many): read them from `session.spikes`.

import type { Catalogue } from "./catalogue";
import type { Command, Edit } from "./command";
import type { Document, Finding } from "./document";
import type { Question, Questions } from "./questions";
import type { Report } from "./report";
import type { SpikeStore } from "./spikes";

export interface Template {
  name: string;
  title: string;
  description: string;
}

export interface ExportFormat {
  key: string;
  title: string;
  suffix: string;
}

/** What the host can do. Where something is false the surface shows the control disabled with `reason`. */
export interface Abilities {
  run: boolean;
  open: boolean;
  save: boolean;
  templates: boolean;
  export: ExportFormat[];
  /** Why `run` is false, in words ("Running needs a kernel: open the app or a notebook."). */
  reason: string;
}

export type RunPhase = "idle" | "preparing" | "running" | "done" | "cancelled" | "failed";

/** The latest run. `rev` is the document's revision it was started from: `stale` when the document moved on since. */
export interface RunState {
  run: string | number | null;
  state: RunPhase;
  t_ms: number;
  duration_ms: number;
  wall_s: number;
  /** Biological seconds per wall second so far; 0 when not known. */
  speed: number;
  text: string;
  /** How the document's task went ("388 of 400 right (97.0 %)"), once it is known. */
  answer?: string;
  /** What was changed last while it ran ("steered: exc.tau_m = 15 ms at 320 ms"). */
  steered?: string;
  spikes: number;
  rates: { [path: string]: number };
  sparsity: { [path: string]: number };
  findings: Finding[];
  rev: number;
  stale: boolean;
}

/** One recorded state of a few neurons, after a run: row `j` of `values` (n_ids x n_times) is neuron `ids[j]`. */
export interface RecordedState {
  path: string;
  what: string;
  unit: string;
  ids: readonly number[];
  /** How many neurons were recorded; `ids` are the first of them. */
  recorded: number;
  /** Only the peaks of every stretch of time are here. */
  thinned: boolean;
  /** [ms], ascending. */
  times: Float32Array;
  values: Float32Array;
}

export interface ProfileRow {
  kind: string;
  path: string;
  s: number;
  count: number;
  /** Wall time for each of what was counted. */
  ns: number | null;
}

/** Where the time of a run went (studio/engine/profile.py). */
export interface RunProfile {
  wall_s: number;
  threads: number;
  seconds: { kind: string; text: string; s: number }[];
  rows: ProfileRow[];
  events: number;
  ns_per_event: number | null;
  updates: number;
  ns_per_update: number | null;
  weight_updates: number;
}

export interface Notice {
  id: number;
  text: string;
  severity: "info" | "warning" | "error";
}

/** `lost`: Python went away (its kernel was restarted, the socket closed); what is shown can be read, not changed. */
export type Connection = "connecting" | "live" | "local" | "lost";

export interface SessionState {
  connection: Connection;
  rev: number;
  document: Document;
  catalogue: Catalogue;
  findings: readonly Finding[];
  /** Expected number of synapses per projection path, as far as known. */
  synapses: { readonly [path: string]: number };
  templates: readonly Template[];
  can: Abilities;
  /** Labels of what undo and redo would do; null when there is nothing. */
  undo: string | null;
  redo: string | null;
  file: string | null;
  dirty: boolean;
  run: RunState;
  /** What the latest run recorded beside spikes; empty until it ends. */
  traces: readonly RecordedState[];
  /** Where the time of the latest run went; null until it ends. */
  profile: RunProfile | null;
  /** The latest compilation; null before the first. */
  compile: CompileState | null;
  notices: readonly Notice[];
}

export interface RunOptions {
  duration_ms: number;
  seed: number;
}

export type CompilePhase = "running" | "done" | "cancelled" | "failed";

/** The latest compilation. `rev` is the revision it is of; `report` once it is done. */
export interface CompileState {
  number: number;
  target: string;
  state: CompilePhase;
  /** What is being done, and how far it is, 0 to 1. */
  step: string;
  share: number;
  wall_s: number;
  text: string;
  report: Report | null;
  findings: Finding[];
  rev: number;
}

export interface CompileOptions {
  target: string;
  options: { [name: string]: unknown };
  verify: boolean;
}

/** A file that an export made; the surface offers it as a download. */
export interface Exported {
  name: string;
  mime: string;
  findings: Finding[];
  bytes: Uint8Array<ArrayBuffer>;
}

export interface Session {
  readonly getState: () => SessionState;
  /** Calls `listener` after each change of state; returns how to stop. */
  readonly subscribe: (listener: () => void) => () => void;
  /** Spikes of the latest run, growing while it goes on. */
  readonly spikes: SpikeStore;

  /** Resolves and applies a command at once. Returns the edit, or null when it was refused (a notice says why). Commands of one `gesture` are one step of undo. */
  dispatch(command: Command, gesture?: string): Edit | null;
  undo(): void;
  redo(): void;

  run(options: RunOptions): void;
  cancel(): void;

  /** Compiles for a machine; its archive and its report are exports, "compiled" and "report". */
  compile(options: CompileOptions): void;
  cancelCompile(): void;

  /** A fresh empty document. */
  create(): void;
  openTemplate(name: string): void;
  /** Opens a file that the user picked: its text, or its bytes where it is not text. */
  open(name: string, content: string | Uint8Array): void;
  save(): void;
  export(format: string): void;
  /** Called with each file that an export made. */
  onExported(listener: (file: Exported) => void): () => void;

  /** Asks Python; null where there is no answer, or no Python. */
  ask<Q extends Question>(what: Q, given: Questions[Q]["given"]): Promise<Questions[Q]["value"] | null>;

  dismiss(notice: number): void;
  destroy(): void;
}
