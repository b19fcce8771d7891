// `add_node`, `rename`, `move`, `duplicate`.

import { CommandError, type CommandOf } from "../command";
import type { Place, Projection, Written } from "../document";
import { headOf } from "../paths";
import { called, circuitOf, nodeOf, sorted, type Draft } from "./draft";
import { freeProjectionKey, given, slug, takenIn, freeKey } from "../keys";

const OFFSET = 40;

/** A population, source or instance, and where it lies. */
export function addNode(draft: Draft, { circuit, node, key, at }: CommandOf<"add_node">): string {
  const inside = circuitOf(draft, circuit);
  if (!["population", "source", "instance"].includes(node.kind)) throw new CommandError(`A node is a population, a source or an instance, not “${String((node as { kind: unknown }).kind)}”.`, "text.kind");
  if (node.kind === "instance") instanceFits(draft, circuit, node.of);
  const taken = takenIn(inside);
  const own = key ? given(key, taken) : freeKey(slug(node.name, "node"), taken);
  draft.set(["circuits", circuit, "nodes", own], node);
  if (at) draft.set(["layout", circuit, own], at);
  return `Add ${called(node, own)}`;
}

function instanceFits(draft: Draft, circuit: string, of: string): void {
  circuitOf(draft, of);
  if (usedBy(draft.document, of).has(circuit)) throw new CommandError(`Circuit “${circuit}” would contain itself through “${of}”. Use another circuit here.`, "cycle.circuit");
}

/** The circuit and all that its instances use, directly or further in. */
export function usedBy(document: Written, circuit: string): Set<string> {
  const found = new Set<string>();
  const waiting = [circuit];
  for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) {
    if (found.has(key)) continue;
    found.add(key);
    for (const node of Object.values(document.circuits[key]?.nodes ?? {})) if (node.kind === "instance") waiting.push(node.of);
  }
  return found;
}

/** The name of a node or of a circuit; keys stay, so nothing else changes. */
export function rename(draft: Draft, { circuit, node, name }: CommandOf<"rename">): string {
  if (typeof name !== "string") throw new CommandError("A name is text.", "text.type");
  const place = node ? ["circuits", circuit, "nodes", node] : ["circuits", circuit];
  const old = node ? nodeOf(draft, circuit, node) : circuitOf(draft, circuit);
  draft.set([...place, "name"], name);
  return `Rename ${called(old, node ?? circuit)} to ${name}`;
}

/** Positions of nodes on the canvas; what else their layout says stays. */
export function move(draft: Draft, { circuit, positions }: CommandOf<"move">): string {
  const moved = sorted(positions);
  for (const [key, at] of moved) {
    nodeOf(draft, circuit, key);
    draft.set(["layout", circuit, key], { ...(draft.get(["layout", circuit, key]) as Place | undefined), ...at });
  }
  return moved.length === 1 ? `Move ${moved[0]![0]}` : `Move ${moved.length} nodes`;
}

/** Copies of nodes, named “… copy”, and of the projections among them. */
export function duplicate(draft: Draft, { circuit, nodes }: CommandOf<"duplicate">): string {
  const before = circuitOf(draft, circuit);
  const keys = [...new Set(nodes)].sort();
  const originals = keys.map((key) => nodeOf(draft, circuit, key));
  const copies = new Map<string, string>();
  keys.forEach((key, k) => {
    const node = originals[k]!;
    const copy = freeKey(key, takenIn(circuitOf(draft, circuit)));
    copies.set(key, copy);
    draft.set(["circuits", circuit, "nodes", copy], { ...node, name: `${called(node, key)} copy` });
    const at = draft.get(["layout", circuit, key]) as Place | undefined;
    if (at && Object.keys(at).length) draft.set(["layout", circuit, copy], { ...at, x: (at.x ?? 0) + OFFSET, y: (at.y ?? 0) + OFFSET });
  });
  for (const [, projection] of sorted(before.projections)) {
    if (!copies.has(headOf(projection.from)) || !copies.has(headOf(projection.to))) continue;
    const copy: Projection = { ...projection, from: renamed(projection.from, copies), to: renamed(projection.to, copies) };
    draft.set(["circuits", circuit, "projections", freeProjectionKey(takenIn(circuitOf(draft, circuit)))], copy);
  }
  return keys.length === 1 ? `Duplicate ${called(originals[0]!, keys[0]!)}` : `Duplicate ${keys.length} nodes`;
}

/** The end with its node's key replaced. */
export function renamed(end: string, keys: ReadonlyMap<string, string>): string {
  const key = headOf(end);
  return (keys.get(key) ?? key) + end.slice(key.length);
}
