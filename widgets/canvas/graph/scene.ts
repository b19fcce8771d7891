// The circuit on the canvas as boxes and links: what is drawn, where, and in which words. Pure; React Flow comes after.

import { entryOf, type Catalogue, type Entry } from "../../core/catalogue";
import { nodeKey, type Circuit, type Document, type Node, type Port, type Projection, type Values } from "../../core/document";
import { isAnalog, nodeSign, projectionSign, type Sign } from "../model/signs";
import { placed } from "./places";
import type { Box, Link } from "./route";
import { labelOf, randomOf, strengthOf } from "./strength";

export type ItemKind = "population" | "source" | "analog" | "instance" | "port-in" | "port-out";

/** One box. `id` is the node's key, or `port:key`. */
export interface Item {
  id: string;
  key: string;
  kind: ItemKind;
  node?: Node;
  port?: Port;
  entry?: Entry;
  title: string;
  sign: Sign;
  neurons: number;
  inputs: string[];
  outputs: string[];
  /** Parameters the document sets itself, in the catalogue's order. */
  values: Values;
  box: Box;
}

/** One line. A port's own lines carry no projection. */
export interface Wire extends Link {
  projection?: Projection;
  sign: Sign;
  random: boolean;
  /** Stroke width [px]. */
  width: number;
}

export interface Scene {
  circuit: string;
  items: Item[];
  wires: Wire[];
}

export const PORT = "port:";
const ROW = 22;
const HEAD = 44;

export function sceneOf(document: Document, circuitKey: string, catalogue: Catalogue): Scene {
  const circuit = document.circuits[circuitKey];
  if (!circuit) return { circuit: circuitKey, items: [], wires: [] };
  const loose = [
    ...Object.entries(circuit.nodes).map(([key, node]) => nodeItem(document, circuitKey, key, node, catalogue)),
    ...Object.entries(circuit.ports ?? {}).map(([key, port]) => portItem(key, port)),
  ];
  const wires = [...projectionWires(document, circuitKey, circuit, catalogue), ...portWires(circuit)];
  const places = placed(loose, wires, document.layout?.[circuitKey] ?? {});
  const items = loose.map((item) => ({ ...item, box: { ...item.box, ...places.get(item.id)! } }));
  return { circuit: circuitKey, items, wires };
}

function nodeItem(document: Document, circuitKey: string, key: string, node: Node, catalogue: Catalogue): Item {
  const base = { id: key, key, node, title: node.name || key, sign: nodeSign(document, circuitKey, key, catalogue), inputs: [] as string[], outputs: [] as string[] };
  if (node.kind === "instance") {
    const { inputs, outputs } = portsOf(document, node.of);
    const h = HEAD + ROW * Math.max(1, inputs.length, outputs.length) + 6;
    const rows = Object.fromEntries([...inputs.map((name, k) => [`in:${name}`, rowAt(k)]), ...outputs.map((name, k) => [`out:${name}`, rowAt(k)])]) as Box["ports"];
    return { ...base, kind: "instance", inputs, outputs, neurons: neuronsIn(document, node.of) * (node.repeat ?? 1), values: node.override ?? {}, box: { id: key, x: 0, y: 0, w: 208, h, ports: rows } };
  }
  const source = node.kind === "source";
  const entry = entryOf(catalogue, source ? "source" : "neuron", node.model);
  const kind = source ? (isAnalog(node, catalogue) ? "analog" : "source") : "population";
  return { ...base, kind, entry, neurons: node.size, values: node.params ?? {}, box: { id: key, x: 0, y: 0, w: 184, h: 56 } };
}

export const rowAt = (k: number): number => HEAD + ROW * k + ROW / 2;

function portItem(key: string, port: Port): Item {
  const id = PORT + key;
  return { id, key, kind: port.direction === "in" ? "port-in" : "port-out", port, title: port.name ?? key, sign: "none", neurons: 0, inputs: [], outputs: [], values: {}, box: { id, x: 0, y: 0, w: 120, h: 28 } };
}

export function portsOf(document: Document, circuit: string): { inputs: string[]; outputs: string[] } {
  const ports = Object.entries(document.circuits[circuit]?.ports ?? {});
  const keys = (direction: Port["direction"]): string[] => ports.filter(([, port]) => port.direction === direction).map(([key]) => key);
  return { inputs: keys("in"), outputs: keys("out") };
}

/** How many neurons one copy of a circuit holds, those of its sub-circuits included. */
export function neuronsIn(document: Document, circuit: string, seen: readonly string[] = []): number {
  if (seen.includes(circuit)) return 0;
  return Object.values(document.circuits[circuit]?.nodes ?? {}).reduce((sum, node) => {
    if (node.kind === "source") return sum;
    return sum + (node.kind === "population" ? node.size : neuronsIn(document, node.of, [...seen, circuit]) * (node.repeat ?? 1));
  }, 0);
}

function projectionWires(document: Document, circuitKey: string, circuit: Circuit, catalogue: Catalogue): Wire[] {
  const width = strengthOf(circuit, catalogue);
  return Object.entries(circuit.projections ?? {}).map(([id, projection]) => {
    const fromNode = circuit.nodes[nodeKey(projection.from)];
    return {
      id,
      ...endsOf(projection),
      projection,
      sign: projectionSign(document, circuitKey, projection, catalogue),
      random: randomOf(projection, catalogue),
      width: width(projection),
      label: labelOf(projection, isAnalog(fromNode, catalogue), catalogue),
    };
  });
}

function endsOf({ from, to }: Projection): Pick<Link, "from" | "to" | "fromPort" | "toPort"> {
  const port = (end: string): string => end.slice(end.indexOf(".") + 1);
  return {
    from: nodeKey(from),
    to: nodeKey(to),
    ...(from.includes(".") ? { fromPort: `out:${port(from)}` } : {}),
    ...(to.includes(".") ? { toPort: `in:${port(to)}` } : {}),
  };
}

/** Thin lines between a port of this circuit and the nodes it leads to. */
function portWires(circuit: Circuit): Wire[] {
  return Object.entries(circuit.ports ?? {}).flatMap(([key, port]) => {
    const plain = { sign: "none" as Sign, random: false, width: 1.25 };
    const inside = (end: string, side: "in" | "out"): Partial<Link> => (end.includes(".") ? { [side === "in" ? "toPort" : "fromPort"]: `${side}:${end.slice(end.indexOf(".") + 1)}` } : {});
    if (port.direction === "in") return (port.to ?? []).map((end) => ({ id: `${PORT}${key}>${end}`, from: PORT + key, to: nodeKey(end), ...inside(end, "in"), ...plain }));
    return (port.from ?? []).map((end) => ({ id: `${end}>${PORT}${key}`, from: nodeKey(end), to: PORT + key, ...inside(end, "out"), ...plain }));
  });
}
