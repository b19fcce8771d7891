// The scene in React Flow's terms. Sizes and handles are given, not measured: what is drawn is what was computed.

import { Position, type Edge, type Node } from "@xyflow/react";

import type { Finding } from "../../core/document";
import type { Selection } from "../view";
import { markKey, type Marks } from "./marks";
import { routes, type Point, type Route } from "./route";
import { PORT, type Item, type Scene, type Wire } from "./scene";

export type ItemNode = Node<{ item: Item; findings: Finding[] }>;
export type WireEdge = Edge<{ wire: Wire; route: Route; tone: string; findings: Finding[]; name: string }>;

const NONE: Finding[] = [];

const kept = new WeakMap<Item, ItemNode["data"]>();

/** The same object while item and findings are the same, so that a box is drawn again only when it changed. */
function dataOf(item: Item, findings: Finding[]): ItemNode["data"] {
  const before = kept.get(item);
  if (before && before.findings === findings) return before;
  const data = { item, findings };
  kept.set(item, data);
  return data;
}

/** `fits`: what keeps a box or a line off the chosen machines, for those who hear the canvas. */
export function flowNodes(scene: Scene, marks: Marks, fits: Marks, selection: Selection, moved: ReadonlyMap<string, Point>): ItemNode[] {
  const chosen = new Set([...selection.nodes, ...selection.ports.map((key) => PORT + key)]);
  return scene.items.map((item) => {
    const { w: width, h: height } = item.box;
    return {
      id: item.id,
      type: item.kind.startsWith("port") ? "port" : item.kind === "instance" ? "instance" : "unit",
      position: moved.get(item.id) ?? { x: item.box.x, y: item.box.y },
      width,
      height,
      measured: { width, height },
      selected: chosen.has(item.id),
      ariaLabel: spoken(item, [...(marks.get(markKey(scene.circuit, item.id)) ?? NONE), ...(fits.get(markKey(scene.circuit, item.id)) ?? NONE)]),
      data: dataOf(item, marks.get(markKey(scene.circuit, item.id)) ?? NONE),
      domAttributes: { "data-testid": `node-${item.id}` } as ItemNode["domAttributes"],
    };
  });
}

/** Below a box a line for each machine [px]; before a label a sign of about so many letters. */
const TAG = 17;
const MARK = "   ";
/** While many lines move, labels wait until the hand rests. */
const MANY_WIRES = 150;

export function flowEdges(scene: Scene, marks: Marks, fits: Marks, targets: number, selection: Selection, moved: ReadonlyMap<string, Point>, before: readonly WireEdge[]): WireEdge[] {
  const old = new Map(before.map((edge) => [edge.id, edge]));
  const boxes = scene.items.map((item) => ({ ...item.box, ...moved.get(item.id), ...(targets ? { below: targets * TAG } : {}) }));
  const bare = moved.size > 0 && scene.wires.length > MANY_WIRES;
  const drawn = routes(boxes, bare ? scene.wires.map(({ label: _, ...wire }) => wire) : targets ? scene.wires.map((wire) => (wire.label ? { ...wire, label: `${wire.label}${MARK}` } : wire)) : scene.wires);
  const items = new Map(scene.items.map((item) => [item.id, item]));
  return scene.wires.flatMap((wire) => {
    const route = drawn.get(wire.id);
    const from = items.get(wire.from);
    const to = items.get(wire.to);
    if (!route || !from || !to) return [];
    const findings = marks.get(markKey(scene.circuit, wire.id)) ?? NONE;
    const name = `${from.title} to ${to.title}`;
    const was = old.get(wire.id);
    const spoken = [...findings, ...(fits.get(markKey(scene.circuit, wire.id)) ?? NONE)].slice(0, 1).map((finding) => `, ${finding.text}`).join("");
    const ariaLabel = wire.projection ? `${name}, ${wire.sign} projection${wire.label ? `, ${wire.label}` : ""}${spoken}` : `${name}, joined`;
    if (was && was.ariaLabel === ariaLabel && sameLine(was, wire, route, findings, selection.projections.includes(wire.id))) return [was];
    return [{
      id: wire.id,
      type: "wire",
      source: wire.from,
      target: wire.to,
      sourceHandle: handleOf(from, "out", wire.fromPort),
      targetHandle: handleOf(to, "in", wire.toPort),
      selected: selection.projections.includes(wire.id),
      selectable: wire.projection !== undefined,
      focusable: wire.projection !== undefined,
      ariaLabel,
      data: { wire, route, tone: from.kind === "source" || from.kind === "analog" ? "source" : wire.sign, findings, name },
      domAttributes: { "data-testid": `edge-${wire.id}` } as WireEdge["domAttributes"],
    }];
  });
}

function sameLine({ data, selected }: WireEdge, wire: Wire, route: Route, findings: Finding[], chosen: boolean): boolean {
  const same = data!.route.path === route.path && data!.route.label?.x === route.label?.x && data!.route.label?.y === route.label?.y;
  return same && data!.wire === wire && data!.findings === findings && selected === chosen;
}

/** The handle a line is tied to: the port's where the box has that port, else the box's own. */
function handleOf(item: Item, side: "in" | "out", port?: string): string {
  const names = side === "in" ? item.inputs : item.outputs;
  return port && names.includes(port.slice(port.indexOf(":") + 1)) ? port : side;
}

function spoken(item: Item, findings: Finding[]): string {
  const many = item.kind === "population" || item.kind === "source" ? ` of ${item.neurons}` : "";
  const what = item.kind === "instance" ? `circuit of ${item.neurons} neurons` : item.port ? `${item.port.direction === "in" ? "input" : "output"} port` : `${item.kind === "analog" ? "analog source" : item.kind}${many}, ${item.entry?.title ?? "unknown model"}`;
  const sign = item.kind === "population" && item.sign !== "none" ? `, ${item.sign}` : "";
  return `${item.title}, ${what}${sign}${findings.length ? `, ${findings[0]!.severity}: ${findings[0]!.text}` : ""}`;
}

export const HANDLES = { in: Position.Left, out: Position.Right };
