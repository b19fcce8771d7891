// Copying nodes with the projections between them, and pasting them into any circuit of the document.

import type { Command, Point } from "../core/command";
import { nodeKey, type Circuit, type Document, type Node, type Projection } from "../core/document";
import { freeKey, freeProjectionKey, slug } from "../core/keys";
import { snap } from "./graph/layout";
import type { Scene } from "./graph/scene";

export interface Clip {
  nodes: { key: string; node: Node; at: Point }[];
  projections: Projection[];
}

export function cut(circuit: Circuit, keys: readonly string[], scene: Scene): Clip {
  const chosen = new Set(keys);
  const nodes = scene.items.filter((item) => item.node && chosen.has(item.key)).map((item) => ({ key: item.key, node: item.node!, at: { x: item.box.x, y: item.box.y } }));
  return { nodes, projections: Object.values(circuit.projections).filter((p) => chosen.has(nodeKey(p.from)) && chosen.has(nodeKey(p.to))) };
}

/** Commands that add what was copied around `centre`, and the new keys. Instances of circuits that are gone stay out. */
export function pasted(clip: Clip, document: Document, circuit: string, centre: Point): { commands: Command[]; keys: string[] } {
  const { nodes, projections } = document.circuits[circuit]!;
  const usable = clip.nodes.filter(({ node }) => node.kind !== "instance" || (node.of !== circuit && document.circuits[node.of]));
  const middle = { x: mean(usable.map(({ at }) => at.x)), y: mean(usable.map(({ at }) => at.y)) };
  const taken: Record<string, unknown> = { ...nodes };
  const names = new Set(Object.values(nodes).map((node) => node.name));
  const renamed = new Map<string, string>();
  const commands: Command[] = usable.map(({ key, node, at }) => {
    const own = freeKey(slug(node.name), taken);
    const name = freeName(node.name, names);
    names.add(name);
    taken[own] = node;
    renamed.set(key, own);
    const place = { x: snap(centre.x - 92 + at.x - middle.x), y: snap(centre.y - 28 + at.y - middle.y) };
    return { command: "add_node", circuit, key: own, node: { ...node, name }, at: place };
  });
  const used: Record<string, unknown> = { ...projections };
  for (const projection of clip.projections) {
    const from = renamed.get(nodeKey(projection.from));
    const to = renamed.get(nodeKey(projection.to));
    if (!from || !to) continue;
    const key = freeProjectionKey(used);
    used[key] = projection;
    commands.push({ command: "connect", circuit, key, projection: { ...projection, from: from + tail(projection.from), to: to + tail(projection.to) } });
  }
  return { commands, keys: [...renamed.values()] };
}

/** “Excitatory 2” where there is an “Excitatory” already. */
export function freeName(base: string, taken: ReadonlySet<string>): string {
  for (let n = 1; ; n++) {
    const name = n === 1 ? base : `${base} ${n}`;
    if (!taken.has(name)) return name;
  }
}

const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
const tail = (endpoint: string): string => endpoint.slice(nodeKey(endpoint).length);
