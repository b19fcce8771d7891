// Where a projection runs: which sides it leaves and enters, how several share a side, and where its label finds room.
//
// Pure geometry in canvas units [px at zoom 1]; knows nothing of React or of the document.

import { Rooms, type Cubic } from "./labels";

export interface Box {
  id: string;
  x: number;
  y: number;
  w: number;
  h: number;
  /** Height below the box's top of each port row; a link that names a port leaves exactly there. */
  ports?: { [handle: string]: number };
  /** Height of what hangs below the box, where no label is to stand. */
  below?: number;
}

export interface Link {
  id: string;
  from: string;
  to: string;
  fromPort?: string;
  toPort?: string;
  label?: string;
}

export interface Route {
  path: string;
  /** The tip of the line and the direction it points in [rad]. */
  tip: Point;
  angle: number;
  label: Point | null;
}

export interface Point {
  x: number;
  y: number;
}

type Side = "left" | "right" | "top" | "bottom";
interface End {
  link: Link;
  box: Box;
  other: Box;
  side: Side;
  at: Point;
  fixed: boolean;
}

const GAP = 24; // closer than this counts as one above the other
const SPACING = 16; // between two ends on one side
export const HEAD = 9; // length of the arrow head; the line stops that far before the tip

/** One route per link whose two boxes exist. */
export function routes(boxes: readonly Box[], links: readonly Link[]): Map<string, Route> {
  const byId = new Map(boxes.map((box) => [box.id, box]));
  const drawn = links.filter((link) => byId.has(link.from) && byId.has(link.to));
  const ends = new Map<string, [End, End]>();
  for (const link of drawn) if (link.from !== link.to) ends.set(link.id, pairOf(link, byId.get(link.from)!, byId.get(link.to)!));
  share([...ends.values()].flat());
  const out = new Map<string, Route>();
  const loops = new Map<string, number>();
  const curves = drawn.map((link) => {
    const pair = ends.get(link.id);
    return { link, curve: pair ? between(pair) : loop(byId.get(link.from)!, link, loops) };
  });
  const rooms = new Rooms(boxes, curves.map(({ curve }) => curve.parts));
  for (const { link, curve } of curves) out.set(link.id, { ...curve.drawn, label: link.label ? rooms.take(curve.parts, link.label) : null });
  return out;
}

function pairOf(link: Link, a: Box, b: Box): [End, End] {
  const [out, into] = sides(a, b);
  const from = { link, box: a, other: b, ...endOf(a, link.fromPort, out) };
  return [from, { link, box: b, other: a, ...endOf(b, link.toPort, into) }];
}

function endOf(box: Box, port: string | undefined, side: Side): { side: Side; at: Point; fixed: boolean } {
  const row = port === undefined ? undefined : box.ports?.[port];
  if (row === undefined) return { side, at: middleOf(box, side), fixed: false };
  const out = port!.startsWith("out");
  return { side: out ? "right" : "left", at: { x: out ? box.x + box.w : box.x, y: box.y + row }, fixed: true };
}

/** Facing sides: across when there is room between the boxes, else from below to above. */
function sides(a: Box, b: Box): [Side, Side] {
  if (b.x - (a.x + a.w) >= GAP) return ["right", "left"];
  if (a.x - (b.x + b.w) >= GAP) return ["left", "right"];
  return b.y + b.h / 2 >= a.y + a.h / 2 ? ["bottom", "top"] : ["top", "bottom"];
}

function middleOf(box: Box, side: Side): Point {
  if (side === "left" || side === "right") return { x: side === "left" ? box.x : box.x + box.w, y: box.y + box.h / 2 };
  return { x: box.x + box.w / 2, y: side === "top" ? box.y : box.y + box.h };
}

/** Ends on the same side stand apart, in the order of what they lead to, so that lines do not cross at the box. */
function share(ends: End[]): void {
  const groups = new Map<string, End[]>();
  for (const end of ends) {
    if (end.fixed) continue;
    const key = `${end.box.id} ${end.side}`;
    groups.set(key, [...(groups.get(key) ?? []), end]);
  }
  for (const group of groups.values()) {
    const upright = group[0]!.side === "left" || group[0]!.side === "right";
    const place = (end: End): number => (upright ? end.other.y + end.other.h / 2 : end.other.x + end.other.w / 2);
    group.sort((p, q) => place(p) - place(q) || p.link.id.localeCompare(q.link.id, "en", { numeric: true }));
    const length = upright ? group[0]!.box.h : group[0]!.box.w;
    const step = Math.min(SPACING, (length - 20) / Math.max(1, group.length - 1));
    group.forEach((end, k) => {
      const shift = (k - (group.length - 1) / 2) * step;
      end.at = upright ? { x: end.at.x, y: end.at.y + shift } : { x: end.at.x + shift, y: end.at.y };
    });
  }
}

const NORMAL: Record<Side, Point> = { left: { x: -1, y: 0 }, right: { x: 1, y: 0 }, top: { x: 0, y: -1 }, bottom: { x: 0, y: 1 } };

interface Curve {
  drawn: Omit<Route, "label">;
  parts: Cubic[];
}

function between([from, to]: [End, End]): Curve {
  const n = NORMAL[from.side];
  const m = NORMAL[to.side];
  const distance = Math.hypot(to.at.x - from.at.x, to.at.y - from.at.y);
  const ahead = (to.at.x - from.at.x) * n.x + (to.at.y - from.at.y) * n.y;
  const pull = ahead > 0 ? Math.min(120, Math.max(20, distance * 0.4)) : Math.min(160, 60 + distance * 0.25);
  const end = { x: to.at.x + m.x * HEAD, y: to.at.y + m.y * HEAD };
  return curve([[from.at, shifted(from.at, n, pull), shifted(end, m, pull), end]], to.at, Math.atan2(-m.y, -m.x));
}

/** A projection onto itself: an arch above the box; each further one is higher. */
function loop(box: Box, link: Link, loops: Map<string, number>): Curve {
  const k = loops.get(box.id) ?? 0;
  loops.set(box.id, k + 1);
  if (link.fromPort || link.toPort) return portLoop(box, link, k);
  const half = 26 + 14 * k;
  const x = box.x + box.w / 2;
  const rise = 46 + 22 * k;
  const start = { x: x + half, y: box.y };
  const tip = { x: x - half, y: box.y };
  const end = { x: tip.x, y: tip.y - HEAD };
  return curve([[start, { x: start.x + 14, y: box.y - rise }, { x: tip.x - 14, y: box.y - rise }, end]], tip, Math.PI / 2);
}

/** From an output port over the top to an input port of the same box. */
function portLoop(box: Box, { fromPort, toPort }: Link, k: number): Curve {
  const start = { x: box.x + box.w, y: box.y + (box.ports?.[fromPort ?? ""] ?? box.h / 2) };
  const tip = { x: box.x, y: box.y + (box.ports?.[toPort ?? ""] ?? box.h / 2) };
  const top = { x: box.x + box.w / 2, y: box.y - 40 - 20 * k };
  const out = 64 + 12 * k;
  const end = { x: tip.x - HEAD, y: tip.y };
  return curve([
    [start, { x: start.x + out, y: start.y }, { x: start.x + out, y: top.y }, top],
    [top, { x: tip.x - out, y: top.y }, { x: tip.x - out, y: tip.y }, end],
  ], tip, 0);
}

const shifted = (p: Point, n: Point, by: number): Point => ({ x: p.x + n.x * by, y: p.y + n.y * by });
const r = (value: number): number => Math.round(value * 10) / 10;

function curve(parts: Cubic[], tip: Point, angle: number): Curve {
  const path = parts.map(([a, b, c, d], k) => `${k ? "" : `M${r(a.x)} ${r(a.y)}`}C${r(b.x)} ${r(b.y)} ${r(c.x)} ${r(c.y)} ${r(d.x)} ${r(d.y)}`).join("");
  return { drawn: { path, tip, angle }, parts };
}
