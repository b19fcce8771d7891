// The floor plan of the chips a network would lie on: cores coloured by population, as full as they are; links by what they carry.
// A Figure like the plots: it follows size, pixel density and theme. Wheel and + − zoom, drag pans, arrows walk from core to core.

import type { Floor, Tile } from "../../core/report";
import { Figure } from "../../plots/figure";
import { css, mix, type Palette, type Rgb } from "../../plots/palette";
import { beside, chipRect, coreAt, planOf, routerAt, tileRect, usedRect, type Plan, type Rect } from "./geometry";

export type Tone = "excitatory" | "inhibitory" | "source" | "population";

export interface Look {
  floor: Floor;
  /** Of each path its colour and which shade of it. */
  tones: ReadonlyMap<string, { tone: Tone; shade: number; name: string }>;
  /** Paths that are selected on the canvas; empty: none stands out. */
  chosen: ReadonlySet<string>;
  /** Events per second that a link can carry; null where nobody knows. */
  capacity: number | null;
  /** Whether links are drawn. */
  links: boolean;
  stale: boolean;
}

export interface Heard {
  point(tile: Tile | null, core: number | null): void;
  pick(tile: Tile | null): void;
}

const SHADES = [0, 0.38, 0.6, 0.2, 0.5];
const HEAD = 28; // px above the plan, for its legend
const FOOT = 24; // px below, for the sentence
const FITTED = 56; // px of a core that nobody has zoomed
const KEPT = 48; // px of the plan that stay in sight
const NAMED = 34; // px from which a core shows a name
const LARGEST = 96; // px of a core
const THIN = 0.12; // of a core's width, at least, for each who shares it
const OUTLINED = 5; // px from which empty cores show

export class FloorPlan extends Figure {
  private plan: Plan;
  private readonly tiles = new Map<number, Tile>();
  private zoom = 1;
  /** Whether what is used fills the view, and whether the view is still to be chosen (there was no room yet). */
  private atUsed = false;
  private unfitted = true;
  private offset = { x: 0, y: 0 };
  private cursor: number | null = null;
  private held: { x: number; y: number; moved: boolean } | null = null;

  constructor(host: HTMLElement, private look: Look, private readonly heard: Heard) {
    super(host, "Floor plan");
    this.element.setAttribute("role", "application");
    this.element.setAttribute("aria-roledescription", "floor plan");
    this.plan = planOf(look.floor);
    this.show(look);
    this.gestures();
  }

  show(look: Look): void {
    const other = look.floor !== this.look.floor || this.tiles.size === 0;
    const sameChips = look.floor.chips === this.look.floor.chips && look.floor.columns === this.look.floor.columns;
    this.look = look;
    if (other) {
      this.plan = planOf(look.floor);
      this.tiles.clear();
      for (const tile of look.floor.tiles) this.tiles.set(tile.core, tile);
      if (!sameChips) this.unfitted = true;
    }
    const { floor } = look;
    this.element.setAttribute("aria-label", `Floor plan: ${floor.tiles.length} cores on ${floor.chips === 1 ? "one chip" : `${floor.chips} chips`}. Arrows walk from core to core, Enter goes to its population.`);
    this.invalidate();
  }

  /** What is used, and once that is shown, everything. */
  fit(): void {
    const used = this.atUsed ? null : usedRect(this.plan, this.look.floor);
    this.zoom = 1;
    this.offset = { x: 0, y: 0 };
    this.atUsed = used !== null;
    if (used) {
      const { width, height } = this;
      this.zoom = Math.max(1, Math.min((width - 24) / used.w, (height - HEAD - FOOT) / used.h, FITTED) / this.scale);
      const { left, top } = this.home;
      this.offset = { x: width / 2 - left - (used.x + used.w / 2) * this.scale, y: HEAD + (height - HEAD - FOOT) / 2 - top - (used.y + used.h / 2) * this.scale };
    }
    this.invalidate();
  }

  zoomBy(factor: number, x = this.width / 2, y = this.height / 2): void {
    const before = this.scale;
    this.zoom = Math.min(Math.max(1, LARGEST / Math.max(this.fitted, 0.05)), Math.max(0.5, this.zoom * factor));
    this.atUsed = false;
    const grown = this.scale / before;
    const { left, top } = this.home;
    this.pan((x - left) * (1 - grown) + this.offset.x * grown, (y - top) * (1 - grown) + this.offset.y * grown);
  }

  /** Moves the plan, of which some always stays in sight. */
  private pan(x: number, y: number): void {
    const { left, top } = this.home;
    const keep = (at: number, start: number, long: number, room: number): number => Math.min(room - KEPT - start, Math.max(KEPT - start - long, at));
    this.offset = { x: keep(x, left, this.plan.width * this.scale, this.width), y: keep(y, top, this.plan.height * this.scale, this.height) };
    this.atUsed = false;
    this.invalidate();
  }

  protected draw(): void {
    if (this.unfitted && this.width > 0) {
      this.unfitted = false;
      this.fit();
    }
    const { picture: c, look, plan } = this;
    const { floor } = look;
    c.globalAlpha = look.stale ? 0.45 : 1;
    for (let chip = 0; chip < floor.chips; chip++) this.drawChip(chip);
    const cell = this.scale;
    const colours = this.colours();
    for (const tile of floor.tiles) {
      const at = this.onScreen(tileRect(plan, floor, tile));
      if (this.seen(at)) this.drawTile(tile, at, cell, colours);
    }
    if (look.links && floor.links.length) this.drawLinks();
  }

  protected drawOverlay(): void {
    const { overlay: c } = this;
    if (this.cursor === null) return;
    const at = this.onScreen(this.rectOf(this.cursor));
    c.strokeStyle = css(this.palette.ink);
    c.lineWidth = 2;
    c.strokeRect(at.x - 0.5, at.y - 0.5, at.w + 1, at.h + 1);
  }

  // --- drawing -----------------------------------------------------------------------------------------------------

  private drawChip(chip: number): void {
    const { picture: c, palette, plan, look } = this;
    const at = this.onScreen(chipRect(plan, chip));
    if (!this.seen(at)) return;
    c.fillStyle = css(mix(palette.surface, palette.line, 0.35));
    c.strokeStyle = css(palette.strong);
    c.lineWidth = 1;
    c.fillRect(at.x, at.y, at.w, at.h);
    c.strokeRect(at.x + 0.5, at.y + 0.5, at.w - 1, at.h - 1);
    if (this.scale >= OUTLINED) this.drawEmpty(chip);
    if (look.floor.chips > 1 && this.scale > 7) {
      c.fillStyle = css(palette.quiet);
      c.textBaseline = "bottom";
      c.fillText(`chip ${chip}`, at.x, at.y - 1);
      c.textBaseline = "middle";
    }
  }

  /** The cores that nothing lies on, as outlines. */
  private drawEmpty(chip: number): void {
    const { picture: c, palette, look: { floor }, plan } = this;
    c.strokeStyle = css(palette.strong, 0.5);
    c.lineWidth = 1;
    c.beginPath();
    const first = chip * floor.columns * floor.rows * floor.cores_per_router;
    for (let k = 0; k < floor.columns * floor.rows * floor.cores_per_router; k++) {
      const core = first + k;
      if (this.tiles.has(core)) continue;
      const at = this.onScreen(tileRect(plan, floor, placeOfCore(floor, core)));
      if (this.seen(at)) c.rect(at.x + at.w * 0.1, at.y + at.h * 0.1, at.w * 0.8, at.h * 0.8);
    }
    c.stroke();
  }

  private drawTile(tile: Tile, at: Rect, cell: number, colours: ReadonlyMap<string, Rgb>): void {
    const { picture: c, palette, look } = this;
    const inset = cell > 6 ? cell * 0.08 : cell > 3 ? 0.5 : 0;
    const box = { x: at.x + inset, y: at.y + inset, w: Math.max(at.w - 2 * inset, 1), h: Math.max(at.h - 2 * inset, 1) };
    const out = look.chosen.size > 0 && !tile.parts.some(([path]) => look.chosen.has(path));
    const all = tile.parts.reduce((sum, [, n]) => sum + n, 0) || 1;
    const full = Math.min(1, tile.full);
    let x = box.x;
    const shares = tile.parts.map(([, n]) => Math.max(n / all, THIN));
    const sum = shares.reduce((a, b) => a + b, 0);
    for (const [k, [path]] of tile.parts.entries()) {
      const w = (box.w * shares[k]!) / sum;
      const colour = colours.get(path) ?? palette.bands.population;
      const strong = look.chosen.size > 0 && look.chosen.has(path) ? 1 : out ? 0.28 : 0.92;
      c.fillStyle = css(colour, strong * 0.26);
      c.fillRect(x, box.y, w, box.h);
      c.fillStyle = css(colour, strong);
      const h = cell > 4 ? Math.max(1, box.h * full) : box.h;
      c.fillRect(x, box.y + box.h - h, w, h);
      x += w;
    }
    if (tile.full > 1) this.drawOver(box);
    if (cell >= NAMED) this.drawName(tile, box);
  }

  /** Over the edge: an outline and a cross, so that colour is not all that says so. */
  private drawOver(box: Rect): void {
    const { picture: c, palette } = this;
    c.strokeStyle = css(palette.ink);
    c.lineWidth = Math.max(1, Math.min(2, box.w / 8));
    c.beginPath();
    c.rect(box.x, box.y, box.w, box.h);
    c.moveTo(box.x, box.y);
    c.lineTo(box.x + box.w, box.y + box.h);
    c.moveTo(box.x + box.w, box.y);
    c.lineTo(box.x, box.y + box.h);
    c.stroke();
  }

  private drawName(tile: Tile, box: Rect): void {
    const { picture: c, palette, look } = this;
    const [path = ""] = tile.parts.reduce((most, one) => (one[1] > most[1] ? one : most), tile.parts[0] ?? ["", 0]);
    const name = look.tones.get(path)?.name ?? path;
    c.save();
    c.beginPath();
    c.rect(box.x, box.y, box.w, box.h);
    c.clip();
    c.font = `${Math.min(11, Math.max(9, box.w / 4))}px system-ui, sans-serif`;
    c.textAlign = "center";
    c.lineWidth = 3;
    c.lineJoin = "round";
    c.strokeStyle = css(palette.surface, 0.85);
    c.fillStyle = css(palette.ink);
    c.strokeText(name, box.x + box.w / 2, box.y + box.h / 2);
    c.fillText(name, box.x + box.w / 2, box.y + box.h / 2);
    c.restore();
  }

  /** What the links carry: the more, the wider; dashed where it is more than they can; the fullest with a ring at its middle. */
  private drawLinks(): void {
    const { picture: c, palette, plan, look } = this;
    const shown = look.floor.links.filter(([from, to]) => from[0] < look.floor.chips && to[0] < look.floor.chips && beside(plan, from, to));
    const most = Math.max(...shown.map(([, , load]) => load), 1e-12);
    const top = look.capacity ?? most;
    const widest = Math.max(1, Math.min(5, this.scale * 0.16));
    const alpha = c.globalAlpha;
    let ringed = false;
    c.globalAlpha = alpha * 0.85;
    for (const [from, to, load] of shown) {
      const [a, b] = [this.point(routerAt(plan, from)), this.point(routerAt(plan, to))];
      if (load <= 0 || Math.max(a.x, b.x) < 0 || Math.min(a.x, b.x) > this.width || Math.max(a.y, b.y) < 0 || Math.min(a.y, b.y) > this.height) continue;
      const share = Math.min(1, load / top);
      const over = load > top * (1 + 1e-9);
      c.strokeStyle = css(over ? palette.ink : mix(palette.strong, palette.warning, Math.sqrt(share)));
      c.lineWidth = 0.5 + widest * Math.sqrt(share);
      c.setLineDash(over ? [2 * c.lineWidth, 1.5 * c.lineWidth] : []);
      const side = { x: (b.y - a.y) * 0.05, y: (a.x - b.x) * 0.05 }; // the two directions of a link beside each other
      c.beginPath();
      c.moveTo(a.x + side.x, a.y + side.y);
      c.lineTo(b.x + side.x, b.y + side.y);
      c.stroke();
      c.setLineDash([]);
      if (ringed || load !== most) continue;
      ringed = true;
      this.drawRing((a.x + b.x) / 2 + side.x, (a.y + b.y) / 2 + side.y);
    }
    c.globalAlpha = alpha;
  }

  private drawRing(x: number, y: number): void {
    const { picture: c, palette } = this;
    for (const [colour, width] of [[palette.surface, 4], [palette.ink, 1.75]] as const) {
      c.strokeStyle = css(colour);
      c.lineWidth = width;
      c.beginPath();
      c.arc(x, y, Math.max(5, this.scale * 0.2), 0, 2 * Math.PI);
      c.stroke();
    }
  }

  private colours(): Map<string, Rgb> {
    const base: Palette["bands"] = this.palette.bands;
    const plain = this.palette.lines; // populations without a sign have one grey on the canvas: here they are told apart
    return new Map([...this.look.tones].map(([path, { tone, shade }]) => [path, tone === "population" ? plain[shade % plain.length]! : mix(base[tone], this.palette.surface, SHADES[shade % SHADES.length]!)]));
  }

  // --- where things are --------------------------------------------------------------------------------------------

  private get fitted(): number {
    return Math.min((this.width - 24) / this.plan.width, (this.height - HEAD - FOOT) / this.plan.height, FITTED);
  }
  /** CSS px of one core. */
  private get scale(): number {
    return Math.max(this.fitted, 0.05) * this.zoom;
  }
  private get home(): { left: number; top: number } {
    return { left: (this.width - this.plan.width * this.fitted) / 2, top: HEAD + (this.height - HEAD - FOOT - this.plan.height * this.fitted) / 2 };
  }
  private point({ x, y }: { x: number; y: number }): { x: number; y: number } {
    const { left, top } = this.home;
    return { x: left + this.offset.x + x * this.scale, y: top + this.offset.y + y * this.scale };
  }
  private onScreen({ x, y, w, h }: Rect): Rect {
    return { ...this.point({ x, y }), w: w * this.scale, h: h * this.scale };
  }
  private seen(at: Rect): boolean {
    return at.x + at.w > 0 && at.x < this.width && at.y + at.h > 0 && at.y < this.height;
  }
  private rectOf(core: number): Rect {
    return tileRect(this.plan, this.look.floor, placeOfCore(this.look.floor, core));
  }

  // --- hands and keys ----------------------------------------------------------------------------------------------

  private gestures(): void {
    const place = (event: MouseEvent): { x: number; y: number } => {
      const { left, top } = this.element.getBoundingClientRect();
      return { x: event.clientX - left, y: event.clientY - top };
    };
    this.listen("wheel", (event) => {
      event.preventDefault();
      const at = place(event);
      this.zoomBy(Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.03 : 0.0018)), at.x, at.y);
    });
    this.listen("pointerdown", (event) => {
      if (event.button !== 0) return;
      this.held = { ...place(event), moved: false };
      this.element.setPointerCapture(event.pointerId);
    });
    this.listen("pointermove", (event) => {
      const at = place(event);
      if (!this.held) return this.go(this.under(at));
      if (!this.held.moved && Math.hypot(at.x - this.held.x, at.y - this.held.y) < 4) return;
      this.pan(this.offset.x + at.x - this.held.x, this.offset.y + at.y - this.held.y);
      this.held = { ...at, moved: true };
    });
    this.listen("pointerup", (event) => {
      const { held } = this;
      this.held = null;
      if (held?.moved) return;
      const core = this.under(place(event));
      this.heard.pick(core === null ? null : (this.tiles.get(core) ?? null));
    });
    this.listen("pointerleave", () => !this.held && this.go(null));
    this.listen("dblclick", () => this.fit());
    this.listen("keydown", (event) => this.key(event));
    this.listen("blur", () => this.go(null));
  }

  private under({ x, y }: { x: number; y: number }): number | null {
    const { left, top } = this.home;
    return coreAt(this.plan, this.look.floor, (x - left - this.offset.x) / this.scale, (y - top - this.offset.y) / this.scale);
  }

  private go(core: number | null): void {
    if (core === this.cursor) return;
    this.cursor = core;
    this.invalidateOverlay();
    this.heard.point(core === null ? null : (this.tiles.get(core) ?? null), core);
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = ({ ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] } as Record<string, [number, number]>)[event.key];
    if (step) this.walk(step[0], step[1]);
    else if (event.key === "Enter" && this.cursor !== null) this.heard.pick(this.tiles.get(this.cursor) ?? null);
    else if (event.key === "+" || event.key === "=") this.zoomBy(1.5);
    else if (event.key === "-") this.zoomBy(1 / 1.5);
    else if (event.key === "0") this.fit();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** To the next core in a direction, over gaps and onto the next chip. */
  private walk(dx: number, dy: number): void {
    const first = this.look.floor.tiles[0]?.core ?? 0;
    if (this.cursor === null) return this.go(first);
    const { x, y } = this.rectOf(this.cursor);
    for (let far = 1; far < 12; far += 0.4) {
      const core = coreAt(this.plan, this.look.floor, x + 0.5 + dx * far, y + 0.5 + dy * far);
      if (core !== null && core !== this.cursor) return this.go(core);
    }
  }
}

/** As `Topology.place`: cores are numbered chip by chip, row by row, router by router. */
export function placeOfCore(floor: Floor, core: number): { core: number; chip: number; x: number; y: number } {
  const onChip = floor.columns * floor.rows * floor.cores_per_router;
  const router = Math.floor((core % onChip) / floor.cores_per_router);
  return { core, chip: Math.floor(core / onChip), x: router % floor.columns, y: Math.floor(router / floor.columns) };
}
