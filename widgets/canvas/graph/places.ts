// Where every box stands: the document's own layout first, and good places for what it does not name.

import type { Layout } from "../../core/document";
import { arrange, freeSpot, snap } from "./layout";
import type { Box, Link, Point } from "./route";
import type { Item } from "./scene";

const FEW = 6;

type Places = Layout[string];

/** Top left corners by id. Nothing placed: all arranged; some placed: the rest finds room beside them. */
export function placed(items: readonly Item[], links: readonly Link[], layout: Places): Map<string, Point> {
  const out = new Map<string, Point>();
  for (const { id } of items) {
    const place = Object.hasOwn(layout, id) ? layout[id] : undefined;
    if (Number.isFinite(place?.x) && Number.isFinite(place?.y)) out.set(id, { x: place!.x!, y: place!.y! });
  }
  if (out.size === items.length) return out;
  if (out.size === 0) return arrange(items.map((item) => item.box), links);
  const loose = items.filter((item) => !out.has(item.id));
  if (loose.length > FEW) return beside(out, items, loose, links);
  const known = items.filter((item) => out.has(item.id)).map((item) => ({ ...item.box, ...out.get(item.id)! }));
  for (const item of items) {
    if (out.has(item.id)) continue;
    const at = freeSpot(known, wish(item, known, links), item.box.w, item.box.h);
    out.set(item.id, at);
    known.push({ ...item.box, ...at });
  }
  return out;
}

/** Many without a place are arranged among themselves, below those that have one. */
function beside(out: Map<string, Point>, items: readonly Item[], loose: readonly Item[], links: readonly Link[]): Map<string, Point> {
  const foot = Math.max(...items.filter((item) => out.has(item.id)).map((item) => out.get(item.id)!.y + item.box.h));
  for (const [id, at] of arrange(loose.map((item) => item.box), links)) out.set(id, { x: at.x, y: at.y + snap(foot + 96) });
  return out;
}

/** Inputs to the left of everything and outputs to the right, level with what they lead to; the rest below. */
function wish(item: Item, known: readonly Box[], links: readonly Link[]): Point {
  const left = Math.min(...known.map((box) => box.x));
  const right = Math.max(...known.map((box) => box.x + box.w));
  const mate = links.map((link) => (link.from === item.id ? link.to : link.to === item.id ? link.from : "")).find(Boolean);
  const level = known.find((box) => box.id === mate);
  const y = snap(level ? level.y + level.h / 2 - item.box.h / 2 : Math.min(...known.map((box) => box.y)));
  if (item.kind === "port-in") return { x: left - item.box.w - 96, y };
  if (item.kind === "port-out") return { x: right + 96, y };
  return level ? { x: level.x + level.w + 96, y } : { x: left, y: Math.max(...known.map((box) => box.y + box.h)) + 48 };
}
