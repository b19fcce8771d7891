// A few lines over time: states of single neurons. Small enough for the inspector, or full width under a raster.

import { drawCursor, drawEmpty, drawRunLook, drawTimeAxis, drawValueAxis, NO_RUN, timeX, type RunLook } from "./axes";
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
      picture.setLineDash(k < 4 ? [] : [4, 3]);
      picture.beginPath();
      for (const [n, time] of trace.times.entries()) if (time >= this.view.start - this.view.span && time <= this.view.end + this.view.span) picture.lineTo(timeX(box, this.view, time), y(trace.values[n]!));
      picture.stroke();
    });
    picture.restore();
    this.drawLegend(box);
  }

  private drawLegend(box: Box): void {
    if (box.x <= 40) return;
    this.traces.slice(0, Math.floor(box.height / 14)).forEach((trace, k) => {
      this.picture.fillStyle = css(this.colour(k));
      this.picture.fillText(`${trace.name}, ${trace.unit}`, 8, box.y + 6 + 14 * k);
    });
  }

  private colour(k: number): Rgb {
    const { excitatory, inhibitory, source, population } = this.palette.bands;
    return [excitatory, inhibitory, source, population][k % 4]!;
  }

  private words(): string | null {
    const { cursor } = this.view;
    if (cursor === null) return null;
    const parts = this.traces.slice(0, 3).flatMap(({ name, times, values, unit }) => {
      const n = times.findIndex((time) => time >= cursor);
      return n < 0 ? [] : [`${name} ${Number(values[n]!.toPrecision(5))} ${unit}`];
    });
    return [showTime(cursor), ...parts].join("   ");
  }
}

function rangeOf(traces: readonly Trace[]): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const { values } of traces) for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  if (!(high > low)) return Number.isFinite(low) ? [low - 1, high + 1] : [0, 1];
  const room = (high - low) * 0.06;
  return [low - room, high + room];
}
