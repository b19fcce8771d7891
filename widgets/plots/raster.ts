// The raster: every spike of a run, a band per population. Few spikes are marks, many become a density with a logarithmic scale.

import type { Spikes, SpikeStore } from "../core/spikes";
import { cut, drawCursor, drawEmpty, drawRunLook, drawTimeAxis, line, note, NO_RUN, type RunLook } from "./axes";
import { layBands, neuronAt, rowLines, type Band } from "./bands";
import { count, firstAt, opacities, type Grid } from "./density";
import { Figure, type Box } from "./figure";
import { addGestures } from "./gestures";
import { css, type Rgb } from "./palette";
import { showTime } from "./ticks";
import { TimeView } from "./time-view";

const FAINTEST = 0.32;
/** Spikes are drawn as marks while these would cover less than this share of the plot. */
const FEW = 0.35;

export interface RasterOptions {
  spikes: SpikeStore | Spikes;
  /** Shared with the plots below, so that they move together. */
  view?: TimeView;
  /** What an empty raster says. */
  empty?: string;
}

export class Raster extends Figure {
  readonly view: TimeView;
  private readonly spikes: SpikeStore | Spikes;
  private look: RunLook = NO_RUN;
  private bands: Band[] = [];
  private bandsOf: unknown = null;
  private grid: Grid | undefined;
  private pixels: ImageData | undefined;
  private readonly layer = document.createElement("canvas");
  /** The part of the bands that is shown, from 0 to 1. */
  private top = 0;
  private bottom = 1;
  private pointer: { x: number; y: number } | null = null;

  constructor(host: HTMLElement, private readonly options: RasterOptions) {
    super(host, "Raster of spikes");
    this.spikes = options.spikes;
    this.view = options.view ?? new TimeView();
    this.onDestroy(this.view.subscribe(() => this.invalidateFor()));
    if ("subscribe" in this.spikes) this.onDestroy(this.spikes.subscribe(() => this.grown()));
    addGestures({ element: this.element, view: this.view, box: () => this.plotBox, vertical: { zoom: (f, at) => this.zoomRows(f, at), pan: (by) => this.panRows(by), fit: () => this.showRows(0, 1) }, hover: (at) => this.hover(at) }, (type, listener) => this.listen(type, listener));
    this.grown();
  }

  /** How the run stands; see RunLook. */
  setRun(look: RunLook): void {
    this.look = look;
    this.view.setExtent(look.duration_ms, look.reached_ms, look.running);
    this.invalidate();
  }

  /** The whole run and all rows. */
  fit(): void {
    this.view.fit();
    this.showRows(0, 1);
  }

  protected draw(): void {
    const { picture, palette, plotBox: box, spikes } = this;
    if (this.bandsOf !== spikes.rows) {
      this.bands = layBands(spikes.rows);
      this.bandsOf = spikes.rows;
    }
    if (spikes.length === 0 && !this.look.running) drawEmpty(picture, box, this.emptyText(), palette);
    else this.drawSpikes(box);
    this.drawBands(box);
    drawTimeAxis(picture, box, this.view, palette);
    if (spikes.length) drawRunLook(picture, box, this.view, this.look, palette);
    if (spikes.thinned > 1) note(picture, box, `1 spike in ${spikes.thinned} is shown`, box.x + 6, palette);
    this.describe();
  }

  /** A run without a spike is a result, not an absence of one. */
  private emptyText(): string {
    const { reached_ms } = this.look;
    return reached_ms > 0 ? `No spike in ${showTime(reached_ms)}.` : (this.options.empty ?? "No spikes yet. Press Run.");
  }

  protected drawOverlay(): void {
    drawCursor(this.overlay, this.plotBox, this.view, this.words(), this.palette);
  }

  private drawSpikes(box: Box): void {
    const { spikes, view } = this;
    const from = view.start / spikes.dt_ms;
    const to = view.end / spikes.dt_ms;
    const inside = firstAt(spikes.steps, spikes.length, Math.ceil(to)) - firstAt(spikes.steps, spikes.length, Math.ceil(from));
    const size = this.markSize(box.height * this.ratio);
    const marks = (inside * size.width * size.height) / this.ratio ** 2 < FEW * box.width * box.height;
    const ratio = marks ? this.ratio : 1; // a density in single pixels of a fine screen would be too faint
    const columns = Math.max(1, Math.round(box.width * ratio));
    const lines = Math.max(1, Math.round(box.height * ratio));
    const window = { from, to, lines: rowLines(this.bands, this.top, this.bottom, lines), mark: marks ? size : { width: 1, height: 1 } };
    this.grid = count(spikes.steps, spikes.ids, spikes.length, window, columns, lines, this.grid);
    this.paintGrid(this.grid, marks, box);
  }

  /** A mark is a short upright stroke, as high as its row allows. */
  private markSize(lines: number): { width: number; height: number } {
    const rows = this.bands.reduce((sum, { row, top, bottom }) => sum + (row.size * Math.max(0, Math.min(bottom, this.bottom) - Math.max(top, this.top))) / (bottom - top), 0);
    const room = lines / Math.max(rows, 1);
    const height = Math.round(Math.min(Math.max(room * 0.7, 1.6 * this.ratio), 9 * this.ratio));
    return { width: Math.max(1, Math.round(1.3 * this.ratio)), height };
  }

  private paintGrid(grid: Grid, marks: boolean, box: Box): void {
    const { columns, lines, counts } = grid;
    if (this.pixels?.width !== columns || this.pixels.height !== lines) {
      this.pixels = new ImageData(columns, lines);
      [this.layer.width, this.layer.height] = [columns, lines];
    }
    const out = new Uint32Array(this.pixels.data.buffer);
    const alpha = opacities(marks ? 1 : Math.max(grid.most, 1), FAINTEST);
    const most = alpha.length - 1;
    const colours = this.lineColours(lines);
    for (let y = 0, cell = 0; y < lines; y++) {
      const colour = colours[y]!;
      for (const end = cell + columns; cell < end; cell++) {
        const n = counts[cell]!;
        out[cell] = n === 0 ? 0 : ((alpha[n > most ? most : n]! << 24) | colour) >>> 0;
      }
    }
    this.layer.getContext("2d")!.putImageData(this.pixels, 0, 0);
    this.picture.imageSmoothingEnabled = false;
    this.picture.drawImage(this.layer, box.x, box.y, box.width, box.height);
  }

  /** The colour of each line of pixels, as the three lower bytes of a little-endian RGBA. */
  private lineColours(lines: number): Uint32Array {
    const found = new Uint32Array(lines);
    const pack = ([r, g, b]: Rgb): number => (b << 16) | (g << 8) | r;
    for (const { row, top, bottom } of this.bands) found.fill(pack(this.palette.bands[row.kind]), Math.max(0, Math.floor(this.lineOf(top, lines))), Math.max(0, Math.ceil(this.lineOf(bottom, lines))));
    return found;
  }

  private lineOf(height: number, lines: number): number {
    return ((height - this.top) / (this.bottom - this.top)) * lines;
  }

  /** Names at the left, a stripe of the band's colour, hairlines between bands. */
  private drawBands(box: Box): void {
    const { picture, palette } = this;
    picture.save();
    picture.beginPath();
    picture.rect(0, box.y - 1, this.width, box.height + 2);
    picture.clip();
    for (const { row, top, bottom } of this.bands) {
      const y0 = Math.max(box.y + this.lineOf(top, box.height), box.y);
      const y1 = Math.min(box.y + this.lineOf(bottom, box.height), box.y + box.height);
      if (y1 <= y0) continue;
      picture.strokeStyle = css(palette.line);
      if (top > 0) line(picture, 0, Math.round(y0) + 0.5, box.x + box.width, Math.round(y0) + 0.5);
      picture.fillStyle = css(palette.bands[row.kind]);
      picture.fillRect(box.x - 5, y0 + 1, 3, Math.max(y1 - y0 - 1, 1));
      if (box.x > 40) this.drawName(row.name, row.path, row.size, box.x - 14, y0, y1);
    }
    picture.restore();
  }

  private drawName(name: string, path: string, size: number, room: number, y0: number, y1: number): void {
    const { picture, palette } = this;
    if (y1 - y0 < 11) return;
    const copies = /\[\d+\]/.exec(path)?.[0] ?? "";
    const two = y1 - y0 >= 30;
    const middle = (y0 + y1) / 2;
    picture.textAlign = "right";
    picture.fillStyle = css(palette.ink);
    picture.fillText(cut(picture, name + (copies && ` ${copies}`), room - 4), room + 4, two ? middle - 7 : middle);
    picture.fillStyle = css(palette.quiet);
    if (two) picture.fillText(size.toLocaleString("en"), room + 4, middle + 7);
    picture.textAlign = "left";
  }

  private words(): string | null {
    const { view, plotBox: box, pointer } = this;
    if (view.cursor === null) return null;
    if (!pointer || pointer.y < box.y || pointer.y > box.y + box.height) return showTime(view.cursor);
    const at = neuronAt(this.bands, this.top + ((pointer.y - box.y) / box.height) * (this.bottom - this.top));
    return at ? `${showTime(view.cursor)}   ${at.band.row.name} ${at.neuron}` : showTime(view.cursor);
  }

  private describe(): void {
    const { spikes, look } = this;
    const names = spikes.rows.map(({ name, size }) => `${name} (${size})`).join(", ");
    const state = look.stale ? ", from before the last edit" : look.partial ? `, stopped at ${showTime(look.reached_ms)}` : "";
    this.element.setAttribute("aria-label", spikes.length ? `Raster of ${spikes.length} spikes in ${showTime(spikes.t_ms)}${state}: ${names}` : `Raster. ${this.emptyText()}`);
    Object.assign(this.element.dataset, { spikes: String(spikes.length), stale: String(look.stale), partial: String(look.partial) });
  }

  private grown(): void {
    this.view.setExtent(Math.max(this.look.duration_ms, this.spikes.t_ms), this.spikes.t_ms);
    if (this.spikes.length) this.look = { ...this.look, reached_ms: this.spikes.t_ms };
    this.invalidate();
  }

  private shown = "";
  /** The view also reports its cursor, which only the overlay shows. */
  private invalidateFor(): void {
    const now = `${this.view.start} ${this.view.end}`;
    if (now === this.shown) return this.invalidateOverlay();
    this.shown = now;
    this.invalidate();
  }

  private hover(at: { x: number; y: number } | null): void {
    this.pointer = at;
    this.invalidateOverlay();
  }

  private zoomRows(factor: number, at: number): void {
    const span = Math.min(Math.max((this.bottom - this.top) * factor, 0.002), 1);
    const here = this.top + at * (this.bottom - this.top);
    this.showRows(here - at * span, here + (1 - at) * span);
  }

  private panRows(by: number): void {
    const move = by * (this.bottom - this.top);
    this.showRows(this.top + move, this.bottom + move);
  }

  private showRows(top: number, bottom: number): void {
    const span = Math.min(bottom - top, 1);
    this.top = Math.min(Math.max(top, 0), 1 - span);
    this.bottom = this.top + span;
    this.invalidate();
  }
}

