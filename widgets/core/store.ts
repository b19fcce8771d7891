// What both sessions share: the state, its listeners, notices, and the files that exports made.

import { EMPTY_CATALOGUE } from "./catalogue";
import { complete } from "./complete";
import { emptyDocument } from "./document";
import type { Exported, Notice, RunState, SessionState } from "./session";
import { SpikeStore } from "./spikes";

export const IDLE: RunState = {
  run: null,
  state: "idle",
  t_ms: 0,
  duration_ms: 0,
  wall_s: 0,
  speed: 0,
  text: "",
  spikes: 0,
  rates: {},
  sparsity: {},
  findings: [],
  rev: 0,
  stale: false,
};

export const START: SessionState = {
  connection: "connecting",
  rev: 0,
  document: complete(emptyDocument("Untitled")),
  catalogue: EMPTY_CATALOGUE,
  findings: [],
  synapses: {},
  templates: [],
  can: { run: false, open: false, save: false, templates: false, export: [], reason: "" },
  undo: null,
  redo: null,
  file: null,
  dirty: false,
  run: IDLE,
  traces: [],
  profile: null,
  compile: null,
  notices: [],
};

export class Store {
  readonly spikes = new SpikeStore();
  private state: SessionState;
  private readonly listeners = new Set<() => void>();
  private readonly exportedTo = new Set<(file: Exported) => void>();
  private lastNotice = 0;

  constructor(start: Partial<SessionState>) {
    this.state = { ...START, ...start };
  }

  readonly getState = (): SessionState => this.state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };

  onExported(listener: (file: Exported) => void): () => void {
    this.exportedTo.add(listener);
    return () => void this.exportedTo.delete(listener);
  }

  dismiss(notice: number): void {
    this.update({ notices: this.state.notices.filter((n) => n.id !== notice) });
  }

  destroy(): void {
    this.listeners.clear();
    this.exportedTo.clear();
  }

  protected update(change: Partial<SessionState>): void {
    this.state = { ...this.state, ...change };
    for (const listener of [...this.listeners]) listener();
  }

  protected notice(text: string, severity: Notice["severity"] = "info"): void {
    this.lastNotice += 1;
    this.update({ notices: [...this.state.notices.slice(-4), { id: this.lastNotice, text, severity }] });
  }

  protected exported(file: Exported): void {
    for (const listener of [...this.exportedTo]) listener(file);
  }
}
