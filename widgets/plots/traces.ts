// A few lines over time: states of single neurons. Small enough for the inspector, or full width under a raster.

import { cut, drawCursor, drawEmpty, drawRunLook, drawTimeAxis, drawValueAxis, line, NO_RUN, timeX, type RunLook } from "./axes";
import { Figure, type Box } from "./figure";
import { addGestures } from "./gestures";
import { css, type Rgb } from "./palette";
import { showTime, ticks } from "./ticks";
import { TimeView } from "./time-view";

/** One line; `times` [ms] ascend. */
export interface Trace {
  name: string;
  times: Float64Array | Float32Array;
  values: Float64Array | Float32Array;
  unit: string;
}

const LEGEND = 16;

export class TracePlot extends Figure {
  readonly view: TimeView;
  private traces: readonly Trace[] = [];
  private look: RunLook = NO_RUN;

  constructor(host: HTMLElement, options: { view?: TimeView } = {}) {
    super(host, "Traces");
    this.view = options.view ?? new TimeView();
    this.onDestroy(this.view.subscribe(() => this.invalidate()));
    addGestures({ element: this.element, view: this.view, box: () => this.plotBox, hover: () => this.invalidateOverlay() }, (type, listener) => this.listen(type, listener));
  }

  setTraces(traces: readonly Trace[]): void {
    this.traces = traces;
    const end = Math.max(0, ...traces.map(({ times }) => times.at(-1) ?? 0));
    if (this.look === NO_RUN && end > 0) this.view.setExtent(end, end);
    this.element.setAttribute("aria-label", `Traces of ${traces.map(({ name, unit }) => `${name} in ${unit}`).join(", ")}`);
    this.invalidate();
  }

  setRun(look: RunLook): void {
    this.look = look;
    this.view.setExtent(look.duration_ms, look.reached_ms, look.running);
    this.invalidate();
  }

  protected draw(): void {
    const { picture, palette, plotBox: box } = this;
    if (this.traces.length) this.drawLines(box);
    else drawEmpty(picture, box, "Nothing is recorded here.", palette);
    drawTimeAxis(picture, box, this.view, palette);
    if (this.traces.length) drawRunLook(picture, box, this.view, this.look, palette);
  }

  protected drawOverlay(): void {
    drawCursor(this.overlay, this.plotBox, this.view, this.words(), this.palette);
  }

  private drawLines(box: Box): void {
    const { picture, palette } = this;
    const [low, high] = rangeOf(this.traces);
    const y = (value: number): number => box.y + box.height - ((value - low) / (high - low)) * box.height;
    drawValueAxis(picture, box, ticks(low, high, Math.max(1, Math.floor(box.height / 28))), y, palette);
    picture.save();
    picture.beginPath();
    picture.rect(box.x, box.y, box.width, box.height);
    picture.clip();
    this.traces.forEach((trace, k) => {
      picture.strokeStyle = css(this.colour(k));
      picture.setLineDash(k < palette.lines.length ? [] : [4, 3]);
      picture.beginPath();
      const [first, last] = [firstTime(trace.times, this.view.start) - 1, firstTime(trace.times, this.view.end)];
      for (let n = Math.max(first, 0); n <= Math.min(last, trace.times.length - 1); n++) picture.lineTo(timeX(box, this.view, trace.times[n]!), y(trace.values[n]!));
      picture.stroke();
    });
    picture.restore();
    picture.setLineDash([]);
    this.drawLegend(box);
  }

  /** A stroke and a name for each line, left of the values; in two columns where one is too short. */
  private drawLegend(box: Box): void {
    if (box.x <= 40) return;
    const { picture, palette } = this;
    const rows = Math.max(1, Math.floor(box.height / LEGEND));
    const columns = this.traces.length > rows ? 2 : 1;
    const wide = (box.x - 44) / columns;
    this.traces.slice(0, rows * columns).forEach((trace, k) => {
      const x = 12 + Math.floor(k / rows) * wide;
      const y = box.y + 8 + LEGEND * (k % rows);
      picture.strokeStyle = css(this.colour(k));
      picture.lineWidth = 1.5;
      picture.setLineDash(k < palette.lines.length ? [] : [4, 3]);
      line(picture, x, y, x + 10, y);
      picture.fillStyle = css(palette.ink);
      picture.fillText(cut(picture, trace.name, wide - 16), x + 14, y);
    });
    picture.setLineDash([]);
    picture.lineWidth = 1;
  }

  private colour(k: number): Rgb {
    return this.palette.lines[k % this.palette.lines.length]!;
  }

  private words(): string | null {
    const { cursor } = this.view;
    if (cursor === null) return null;
    const parts = this.traces.slice(0, 3).flatMap(({ name, times, values, unit }) => {
      const n = firstTime(times, cursor);
      return n >= times.length ? [] : [`${name} ${Number(values[n]!.toPrecision(5))} ${unit}`];
    });
    return [showTime(cursor), ...parts].join("   ");
  }
}

/** The index of the first time at or after `at`; their number where there is none. */
export function firstTime(times: Trace["times"], at: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

function rangeOf(traces: readonly Trace[]): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const { values } of traces) for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  if (!(high > low)) return Number.isFinite(low) ? [low - 1, high + 1] : [0, 1];
  const room = (high - low) * 0.06;
  return [low - room, high + room];
}
