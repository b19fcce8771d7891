// A local session that pretends to run: made-up rates and spikes, so that dock, lenses and plots can be looked at.

import type { Document } from "../core/document";
import { LocalSession, type LocalOptions } from "../core/local";
import type { RunOptions } from "../core/session";
import type { Row } from "../core/spikes";
import { IDLE } from "../core/store";

const DT = 0.1;

export class DemoSession extends LocalSession {
  private timer: ReturnType<typeof setInterval> | undefined;
  private seed = 1;

  constructor(options: LocalOptions, start: string | null) {
    super(options);
    this.update({ can: { ...this.getState().can, run: true, open: true, export: [{ key: "nir", title: "NIR", suffix: ".nir" }] } });
    if (start === "live") this.run({ duration_ms: 1000, seed: 1 });
    if (start === "done" || start === "partial") this.finish(start === "done" ? "done" : "cancelled", start === "done" ? 1000 : 420);
  }

  override run({ duration_ms, seed }: RunOptions): void {
    this.cancel();
    this.seed = seed;
    this.spikes.clear();
    const began = performance.now();
    const update = (t_ms: number): void => {
      const wall_s = (performance.now() - began) / 1000;
      const state = t_ms >= duration_ms ? ("done" as const) : ("running" as const);
      this.update({ run: { ...IDLE, run: began, state, t_ms, duration_ms, wall_s, speed: t_ms / 1000 / wall_s, spikes: this.spikes.length, rev: this.getState().rev, rates: this.rates(), sparsity: {} } });
      if (state === "done") clearInterval(this.timer);
    };
    update(0);
    this.timer = setInterval(() => {
      const from = this.spikes.t_ms;
      this.frame(from, Math.min(from + 20, duration_ms));
      update(this.spikes.t_ms);
    }, 50);
  }

  override cancel(): void {
    clearInterval(this.timer);
    const { run } = this.getState();
    if (run.state === "running") this.update({ run: { ...run, state: "cancelled" } });
  }

  override destroy(): void {
    clearInterval(this.timer);
    super.destroy();
  }

  private finish(state: "done" | "cancelled", t_ms: number): void {
    this.spikes.clear();
    for (let t = 0; t < t_ms; t += 20) this.frame(t, t + 20);
    this.update({ run: { ...IDLE, run: 1, state, t_ms, duration_ms: 1000, wall_s: 0.4, speed: 2.5, spikes: this.spikes.length, rev: this.getState().rev, rates: this.rates() } });
  }

  /** Made-up spikes: a slow rhythm, each row with its own rate. */
  private frame(from: number, to: number): void {
    const rows = rowsOf(this.getState().document);
    const steps: number[] = [];
    const ids: number[] = [];
    const random = mulberry(this.seed * 7919 + from);
    for (let step = Math.round(from / DT); step < Math.round(to / DT); step++)
      for (const row of rows) {
        const wave = 1 + 0.9 * Math.sin((2 * Math.PI * step * DT) / 80 + row.offset);
        let expected = row.size * DT * 0.001 * (row.kind === "source" ? 8 : 14 * wave);
        while (expected > 0 && random() < expected) {
          steps.push(step);
          ids.push(row.offset + Math.floor(random() * row.size));
          expected -= 1;
        }
      }
    this.spikes.add({ run: 1, n: Math.round(from), t_ms: to, dt_ms: DT, rows, steps: Uint32Array.from(steps), ids: Uint32Array.from(ids) });
  }

  private rates(): { [path: string]: number } {
    const counts = new Map<string, number>();
    const { rows, ids, length, t_ms } = this.spikes;
    for (let k = 0; k < length; k++) {
      const row = rows.find((r) => ids[k]! >= r.offset && ids[k]! < r.offset + r.size);
      if (row) counts.set(row.path, (counts.get(row.path) ?? 0) + 1);
    }
    return Object.fromEntries(rows.map((r) => [r.path, ((counts.get(r.path) ?? 0) / r.size / t_ms) * 1000 || 0]));
  }
}

function rowsOf(document: Document): Row[] {
  const rows: Row[] = [];
  const walk = (circuit: string, prefix: string): void => {
    for (const [key, node] of Object.entries(document.circuits[circuit]?.nodes ?? {})) {
      if (node.kind === "instance") for (let n = 0; n < (node.repeat ?? 1); n++) walk(node.of, `${prefix}${key}[${n}].`);
      else {
        const kind = node.kind === "source" ? "source" : /^inh/.test(key) ? "inhibitory" : /^exc/.test(key) ? "excitatory" : "population";
        rows.push({ path: prefix + key, name: node.name, size: node.size, offset: 0, kind });
      }
    }
  };
  walk(document.main, "");
  let offset = 0;
  for (const row of rows) {
    row.offset = offset;
    offset += row.size;
  }
  return rows;
}

function mulberry(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
