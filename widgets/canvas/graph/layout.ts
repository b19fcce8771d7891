// Places for nodes the document has none for: layered from left to right, inputs first.

import { Graph, layout } from "@dagrejs/dagre";
import type { Box, Link, Point } from "./route";

export const GRID = 8;
/** Boxes that find their own place keep this far from others [px]. */
const CLEAR = 40;
export const snap = (value: number): number => Math.round(value / GRID) * GRID;

/** Top left corners by id, beginning at 0, 0. */
export function arrange(boxes: readonly Box[], links: readonly Link[]): Map<string, Point> {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: "LR", nodesep: 56, ranksep: 112, marginx: 0, marginy: 0 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const box of boxes) graph.setNode(box.id, { width: box.w, height: box.h });
  for (const link of links) {
    if (link.from !== link.to && graph.hasNode(link.from) && graph.hasNode(link.to)) graph.setEdge(link.from, link.to, {}, link.id);
  }
  layout(graph);
  return new Map(boxes.map((box) => {
    const place = graph.node(box.id) as unknown as Point;
    return [box.id, { x: snap(place.x - box.w / 2), y: snap(place.y - box.h / 2) }];
  }));
}

/** A free spot of the box's size near `wish`: the wish itself, or further down in steps. */
export function freeSpot(boxes: readonly Box[], wish: Point, w: number, h: number): Point {
  const at = { x: snap(wish.x), y: snap(wish.y) };
  const clash = (): boolean => boxes.some((box) => at.x < box.x + box.w + CLEAR && box.x < at.x + w + CLEAR && at.y < box.y + box.h + CLEAR && box.y < at.y + h + CLEAR);
  for (let tries = 0; tries < 200 && clash(); tries++) at.y += GRID * 3;
  return at;
}
