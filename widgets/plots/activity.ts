// Activity over time, a line per population: the rate, or the activation sparsity. Stands under a raster and shares its time axis.

import type { Row, Spikes, SpikeStore } from "../core/spikes";
import { cut, drawCursor, drawEmpty, drawRunLook, drawTimeAxis, drawValueAxis, line, NO_RUN, timeX, type RunLook } from "./axes";
import { binActivity, type Activity } from "./activity-bins";
import { Figure, MARGIN, type Box } from "./figure";
import { addGestures } from "./gestures";
import { css } from "./palette";
import { niceStep, showTime, ticks } from "./ticks";
import { TimeView } from "./time-view";

export type Measure = "rate" | "sparsity";

/** A second cue beside colour. */
const DASH: { [kind in Row["kind"]]: number[] } = { excitatory: [], inhibitory: [5, 3], source: [1.5, 2.5], population: [8, 3, 2, 3] };

export interface ActivityOptions {
  spikes: SpikeStore | Spikes;
  view?: TimeView;
  measure?: Measure;
  empty?: string;
}

export class ActivityPlot extends Figure {
  readonly view: TimeView;
  private readonly spikes: SpikeStore | Spikes;
  private measure: Measure;
  private look: RunLook = NO_RUN;
  private activity: Activity | null = null;
  private hovered = false;
  private shown = "";

  constructor(host: HTMLElement, private readonly options: ActivityOptions) {
    super(host, "Activity over time");
    this.spikes = options.spikes;
    this.view = options.view ?? new TimeView();
    this.measure = options.measure ?? "rate";
    this.onDestroy(this.view.subscribe(() => this.moved()));
    if ("subscribe" in this.spikes) this.onDestroy(this.spikes.subscribe(() => this.invalidate()));
    addGestures({ element: this.element, view: this.view, box: () => this.plotBox, hover: (at) => ((this.hovered = at !== null), this.invalidateOverlay()) }, (type, listener) => this.listen(type, listener));
  }

  setRun(look: RunLook): void {
    this.look = look;
    this.view.setExtent(look.duration_ms, look.reached_ms, look.running);
    this.invalidate();
  }

  setMeasure(measure: Measure): void {
    this.measure = measure;
    this.invalidate();
  }

  protected draw(): void {
    const { picture, palette, plotBox: box, spikes } = this;
    this.activity = spikes.length ? binActivity(spikes, this.view.start, this.view.end, Math.max(20, Math.round(box.width / 3))) : null;
    if (!this.activity) drawEmpty(picture, box, this.options.empty ?? "", palette);
    else this.drawLines(this.activity, box);
    drawTimeAxis(picture, box, this.view, palette);
    if (this.activity) drawRunLook(picture, box, this.view, this.look, palette);
    this.element.setAttribute("aria-label", `${this.measure === "rate" ? "Rate" : "Activation sparsity"} over time of ${spikes.rows.map((row) => row.name).join(", ")}`);
  }

  protected drawOverlay(): void {
    drawCursor(this.overlay, this.plotBox, this.view, this.hovered ? this.words() : null, this.palette);
  }

  private drawLines(activity: Activity, box: Box): void {
    const { picture, palette } = this;
    const [low, high] = this.range(activity);
    const y = (value: number): number => box.y + box.height - ((value - low) / (high - low)) * box.height;
    drawValueAxis(picture, box, ticks(low, high, Math.max(1, Math.floor(box.height / 22))), y, palette);
    this.drawLegend(box, activity.rows);
    picture.save();
    picture.beginPath();
    picture.rect(box.x, box.y - 1, box.width, box.height + 2);
    picture.clip();
    picture.lineJoin = "round";
    picture.lineWidth = activity.rows.length > 8 ? 1 : 1.4;
    activity.rows.forEach((row, k) => {
      picture.strokeStyle = css(palette.bands[row.kind], activity.rows.length > 8 ? 0.7 : 0.95);
      picture.setLineDash(DASH[row.kind]);
      picture.beginPath();
      for (let bin = 0; bin < activity.bins; bin++) {
        const at = timeX(box, this.view, activity.start + (bin + 0.5) * activity.width);
        picture.lineTo(at, y(this.value(activity, k, bin)));
      }
      picture.stroke();
    });
    picture.restore();
  }

  /** What is measured, and below it each name once with its colour and dash. */
  private drawLegend(box: Box, rows: readonly Row[]): void {
    if (box.x <= 40) return;
    const { picture, palette } = this;
    const room = box.x - 38;
    picture.fillStyle = css(palette.ink);
    picture.fillText(cut(picture, this.measure === "rate" ? "Rate, Hz" : "Sparsity", room), 8, box.y + 6);
    const named = [...new Map(rows.map((row) => [`${row.kind} ${row.name}`, row])).values()];
    named.slice(0, Math.floor((box.height + MARGIN.bottom) / 14) - 1).forEach(({ name, kind }, k) => {
      const y = box.y + 21 + 14 * k;
      picture.strokeStyle = css(palette.bands[kind]);
      picture.setLineDash(DASH[kind]);
      line(picture, 8, y, 22, y);
      picture.setLineDash([]);
      picture.fillStyle = css(palette.quiet);
      picture.fillText(cut(picture, name, room - 18), 26, y);
    });
  }

  private value(activity: Activity, row: number, bin: number): number {
    return this.measure === "rate" ? activity.rate(row, bin) : activity.sparsity(row, bin);
  }

  private range(activity: Activity): [number, number] {
    let low = Infinity;
    let high = -Infinity;
    for (let row = 0; row < activity.rows.length; row++)
      for (let bin = 0; bin < activity.bins; bin++) {
        const value = this.value(activity, row, bin);
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
    if (this.measure === "sparsity") {
      const step = niceStep(Math.max(1 - low, 1e-4) / 3);
      return [Math.max(0, 1 - Math.ceil((1 - low) / step + 1e-9) * step), 1];
    }
    const step = niceStep(Math.max(high, 1) / 3);
    return [0, Math.ceil(high / step) * step || step];
  }

  private words(): string | null {
    const { view, activity } = this;
    if (view.cursor === null || !activity) return null;
    const bin = Math.floor((view.cursor - activity.start) / activity.width);
    if (bin < 0 || bin >= activity.bins) return showTime(view.cursor);
    const digits = this.measure === "rate" ? 1 : 4;
    const unit = this.measure === "rate" ? " Hz" : "";
    const parts = activity.rows.slice(0, 4).map((row, k) => `${row.name} ${this.value(activity, k, bin).toFixed(digits)}${unit}`);
    return [showTime(view.cursor), ...parts, ...(activity.rows.length > 4 ? ["…"] : [])].join("   ");
  }

  private moved(): void {
    const now = `${this.view.start} ${this.view.end}`;
    if (now === this.shown) return this.invalidateOverlay();
    this.shown = now;
    this.invalidate();
  }
}
