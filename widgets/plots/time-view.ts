// The stretch of time that plots show, shared by all plots that stand above one another: zoom, pan, follow, and the cursor.

import { niceStep } from "./ticks";

const SHORTEST_MS = 1;
/** A run shows at least this much of its axis while it goes on, so that a short one never changes its scale [ms]. */
const CALM_MS = 1000;
/** Beyond the end of a run that was stopped, the share of its axis that stays empty. */
const BEYOND = 0.04;

/** `all`: what is reached of the run, or the whole where that is short; `follow`: a window that ends where the run is; `free`: where the user put it. */
export type Mode = "all" | "follow" | "free";

export class TimeView {
  start = 0;
  end = 1000;
  mode: Mode = "all";
  /** Under the pointer [ms], in whichever plot that is. */
  cursor: number | null = null;
  private extent = 1000;
  private reached = 0;
  private running = false;
  private readonly listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };

  get span(): number {
    return this.end - this.start;
  }

  /** How long the run is meant to be, and how far it has come [ms]. */
  setExtent(extent: number, reached: number, running = this.running): void {
    if (extent === this.extent && reached === this.reached && running === this.running) return;
    this.extent = Math.max(extent, reached, SHORTEST_MS);
    [this.reached, this.running] = [reached, running];
    if (this.mode === "all") this.show(0, this.whole, "all");
    else if (this.mode === "follow") this.show(Math.max(0, reached - this.span), Math.max(reached, this.span), "follow");
    else this.show(this.start, this.end, "free");
  }

  /** All that is reached again. */
  fit(): void {
    this.show(0, this.whole, "all");
  }

  /** Where the axis ends when nobody chose: a run that goes on grows in steps of 1, 2, 5; one that was stopped ends just after its last spike. */
  private get whole(): number {
    if (this.reached <= 0) return this.extent;
    return Math.min(this.extent, this.running ? niceStep(Math.max(this.reached, CALM_MS)) : this.reached * (1 + BEYOND));
  }

  /** Makes the window `factor` times as long, keeping `at` [ms] where it is. */
  zoom(factor: number, at: number): void {
    const span = Math.min(Math.max(this.span * factor, SHORTEST_MS), this.extent);
    const start = at - ((at - this.start) / this.span) * span;
    this.place(start, span);
  }

  /** Moves the window by `ms`. */
  pan(ms: number): void {
    this.place(this.start + ms, this.span);
  }

  select(start: number, end: number): void {
    this.place(Math.min(start, end), Math.max(Math.abs(end - start), SHORTEST_MS));
  }

  point(cursor: number | null): void {
    if (cursor === this.cursor) return;
    this.cursor = cursor;
    this.changed();
  }

  private place(from: number, span: number): void {
    const start = Math.min(Math.max(from, 0), Math.max(this.extent - span, 0));
    const running = this.reached > 0 && this.reached < this.extent;
    const whole = start === 0 && Math.abs(span - this.whole) < this.whole * 0.001;
    this.show(start, start + span, whole ? "all" : running && span < this.extent * 0.999 && start + span >= this.reached - span * 0.02 && start < this.reached ? "follow" : "free");
  }

  private show(start: number, end: number, mode: Mode): void {
    this.start = start;
    this.end = Math.max(end, start + SHORTEST_MS);
    this.mode = mode;
    this.changed();
  }

  private changed(): void {
    for (const listener of [...this.listeners]) listener();
  }
}
