// Where cores lie on the floor plan, in units of one core; and which core is at a point. Pure.

import type { Corner, Floor, Tile } from "../../core/report";

export interface Rect {
  x: number;
  y: number;
  w: number;
  h: number;
}

/** Room between routers that hold several cores, and around a chip [cores]. */
const GAP = 0.3;
const MARGIN = 0.7;
/** What is shown at least [cores], and which part of the plan is much of it. */
const ROOM = { w: 20, h: 10 };
const MUCH = 0.6;
/** Wider than this many times its height is a strip. */
const STRIP = 6;

export interface Plan {
  /** Cores beside each other at one router, and one above the other. */
  sub: { columns: number; rows: number };
  /** From router to router, and the whole chip with its margin [cores]. */
  pitch: { x: number; y: number };
  chip: { w: number; h: number };
  chipColumns: number;
  width: number;
  height: number;
}

export function planOf(floor: Floor): Plan {
  const columns = Math.ceil(Math.sqrt(floor.cores_per_router));
  const rows = Math.ceil(floor.cores_per_router / columns);
  const gap = floor.cores_per_router > 1 ? GAP : 0;
  const pitch = { x: columns + gap, y: rows + gap };
  const chip = { w: floor.columns * pitch.x - gap + 2 * MARGIN, h: floor.rows * pitch.y - gap + 2 * MARGIN };
  const chipColumns = chipColumnsOf(floor, chip);
  const chipRows = Math.ceil(floor.chips / chipColumns);
  return { sub: { columns, rows }, pitch, chip, chipColumns, width: chipColumns * chip.w, height: chipRows * chip.h };
}

/** As the machine has its chips; where that is a long strip, in rows that are about twice as wide as high. */
function chipColumnsOf(floor: Floor, chip: { w: number; h: number }): number {
  const compact = Math.max(1, Math.min(floor.chips, Math.ceil(Math.sqrt((2 * floor.chips * chip.h) / chip.w))));
  const own = Math.min(floor.chips, floor.chip_columns);
  if (own <= 1) return compact;
  const shape = (own * chip.w) / (Math.ceil(floor.chips / own) * chip.h);
  return shape > STRIP ? compact : own;
}

/** Whether two routers lie beside each other on the plan, so that a line between them crosses nothing. */
export function beside(plan: Plan, a: Corner, b: Corner): boolean {
  const [p, q] = [routerAt(plan, a), routerAt(plan, b)];
  const room = a[0] === b[0] ? 0 : 2 * MARGIN;
  return Math.abs(p.x - q.x) <= plan.pitch.x * 1.5 + room && Math.abs(p.y - q.y) <= plan.pitch.y * 1.5 + room;
}

export function chipRect(plan: Plan, chip: number): Rect {
  const x = (chip % plan.chipColumns) * plan.chip.w;
  const y = Math.floor(chip / plan.chipColumns) * plan.chip.h;
  return { x: x + MARGIN / 2, y: y + MARGIN / 2, w: plan.chip.w - MARGIN, h: plan.chip.h - MARGIN };
}

const corner = (plan: Plan, [chip, x, y]: Corner): { x: number; y: number } => ({
  x: (chip % plan.chipColumns) * plan.chip.w + MARGIN + x * plan.pitch.x,
  y: Math.floor(chip / plan.chipColumns) * plan.chip.h + MARGIN + y * plan.pitch.y,
});

export function tileRect(plan: Plan, floor: Floor, { core, chip, x, y }: Pick<Tile, "core" | "chip" | "x" | "y">): Rect {
  const at = corner(plan, [chip, x, y]);
  const k = core % floor.cores_per_router;
  return { x: at.x + (k % plan.sub.columns), y: at.y + Math.floor(k / plan.sub.columns), w: 1, h: 1 };
}

/** Round the used cores, with room for some more; null where they fill much of the plan, so that all of it may be shown. */
export function usedRect(plan: Plan, floor: Floor): Rect | null {
  if (!floor.tiles.length) return null;
  let [left, top, right, bottom] = [Infinity, Infinity, 0, 0];
  for (const tile of floor.tiles) {
    const { x, y } = tileRect(plan, floor, tile);
    [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x + 1), Math.max(bottom, y + 1)];
  }
  const [w, h] = [Math.max(right - left + 2, ROOM.w), Math.max(bottom - top + 2, ROOM.h)];
  return w > MUCH * plan.width || h > MUCH * plan.height ? null : { x: Math.max(0, left - 1), y: Math.max(0, top - 1), w, h };
}

/** The middle of a router: where links end. */
export function routerAt(plan: Plan, at: Corner): { x: number; y: number } {
  const { x, y } = corner(plan, at);
  return { x: x + plan.sub.columns / 2, y: y + plan.sub.rows / 2 };
}

/** The number of the core at a point, used or not; null beside all of them. */
export function coreAt(plan: Plan, floor: Floor, x: number, y: number): number | null {
  const column = Math.floor(x / plan.chip.w);
  const row = Math.floor(y / plan.chip.h);
  const chip = row * plan.chipColumns + column;
  if (x < 0 || y < 0 || column >= plan.chipColumns || chip >= floor.chips) return null;
  const inX = x - column * plan.chip.w - MARGIN;
  const inY = y - row * plan.chip.h - MARGIN;
  const [rx, ry] = [Math.floor(inX / plan.pitch.x), Math.floor(inY / plan.pitch.y)];
  const [sx, sy] = [Math.floor(inX - rx * plan.pitch.x), Math.floor(inY - ry * plan.pitch.y)];
  const k = sy * plan.sub.columns + sx;
  if (rx < 0 || ry < 0 || rx >= floor.columns || ry >= floor.rows || sx >= plan.sub.columns || sy >= plan.sub.rows || k >= floor.cores_per_router) return null;
  return (chip * floor.rows * floor.columns + ry * floor.columns + rx) * floor.cores_per_router + k;
}
