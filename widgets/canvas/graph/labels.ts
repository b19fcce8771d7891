// Room for labels beside curved lines: clear of boxes and of one another, hiding as little of any line as can be.

import type { Box, Point } from "./route";

export type Cubic = readonly [Point, Point, Point, Point];

interface Rect extends Point {
  w: number;
  h: number;
}

const HEIGHT = 16;
const CHAR = 5.9; // mean width of a digit at 11 px
const CLEAR = 5; // between a line and the label beside it
const CELL = 32;
const SAMPLES = Array.from({ length: 33 }, (_, k) => k / 32);
const TRIES = [0.5, 0.4, 0.6, 0.32, 0.68, 0.25, 0.75, 0.18, 0.82];
/** Beside the curve, on either hand, or on it where there is no other way. */
const HANDS = [-1, 1, 0];

/** Hands out places for labels, one after the other. Points of all lines lie in a grid, so that many lines cost little. */
export class Rooms {
  private readonly taken: Rect[];
  private readonly cells = new Map<string, Point[]>();

  constructor(boxes: readonly Box[], curves: readonly (readonly Cubic[])[]) {
    this.taken = boxes.map((box) => ({ x: box.x - 2, y: box.y - 2, w: box.w + 4, h: box.h + 4 + (box.below ?? 0) }));
    for (const parts of curves) for (const t of SAMPLES) this.put(along(parts, t));
  }

  /** The middle of a label on the curve `parts`, or null when there is no room. */
  take(parts: readonly Cubic[], label: string): Point | null {
    const w = label.length * CHAR + 8;
    let best: { at: Point; rect: Rect; cost: number } | null = null;
    for (const [rank, t] of TRIES.entries()) {
      for (const hand of HANDS) {
        const at = beside(parts, t, hand, w);
        const rect = { x: at.x - w / 2, y: at.y - HEIGHT / 2, w, h: HEIGHT };
        if (this.taken.some((other) => touches(rect, other))) continue;
        const cost = this.hidden(rect) * 4 + rank + (hand === 0 ? 3 : 0);
        if (!best || cost < best.cost) best = { at, rect, cost };
      }
      if (best && best.cost <= rank) break;
    }
    if (best) this.taken.push(best.rect);
    return best?.at ?? null;
  }

  private put(p: Point): void {
    const key = `${Math.floor(p.x / CELL)} ${Math.floor(p.y / CELL)}`;
    const cell = this.cells.get(key);
    if (cell) cell.push(p);
    else this.cells.set(key, [p]);
  }

  /** How many points of lines a rectangle would cover. */
  private hidden(rect: Rect): number {
    let found = 0;
    for (let x = Math.floor(rect.x / CELL); x <= Math.floor((rect.x + rect.w) / CELL); x++)
      for (let y = Math.floor(rect.y / CELL); y <= Math.floor((rect.y + rect.h) / CELL); y++)
        for (const p of this.cells.get(`${x} ${y}`) ?? []) if (p.x > rect.x && p.x < rect.x + rect.w && p.y > rect.y && p.y < rect.y + rect.h) found += 1;
    return found;
  }
}

/** The point at `t` of the whole curve, from 0 to 1. */
function along(parts: readonly Cubic[], t: number): Point {
  const k = Math.min(parts.length - 1, Math.floor(t * parts.length));
  const [a, b, c, d] = parts[k]!;
  const own = t * parts.length - k;
  const u = 1 - own;
  const [p, q, v, w] = [u * u * u, 3 * u * u * own, 3 * u * own * own, own * own * own];
  return { x: p * a.x + q * b.x + v * c.x + w * d.x, y: p * a.y + q * b.y + v * c.y + w * d.y };
}

/** The middle of a label `w` wide that stands clear of the curve at `t`; hand -1 is above (left of an upright line), 1 below. */
function beside(parts: readonly Cubic[], t: number, hand: number, w: number): Point {
  const at = along(parts, t);
  const [p, q] = [along(parts, t - 0.02), along(parts, t + 0.02)];
  const length = Math.hypot(q.x - p.x, q.y - p.y) || 1;
  const flip = q.x - p.x < -0.01 ? -1 : 1;
  const n = { x: (-(q.y - p.y) / length) * flip, y: ((q.x - p.x) / length) * flip };
  const out = hand * (Math.abs(n.x) * (w / 2) + Math.abs(n.y) * (HEIGHT / 2) + CLEAR);
  return { x: at.x + n.x * out, y: at.y + n.y * out };
}

const touches = (p: Rect, q: Rect): boolean => p.x < q.x + q.w && q.x < p.x + p.w && p.y < q.y + q.h && q.y < p.y + p.h;
