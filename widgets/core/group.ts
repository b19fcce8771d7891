// Grouping nodes into a sub-circuit and taking one apart again, without losing a projection, a port, an override or a place.

import { CommandError } from "./command";
import { nodeKey, type Circuit, type InstanceNode, type Layout, type Port, type Projection } from "./document";
import { freeKey, freeProjectionKey, slug } from "./keys";
import { pointer, type Draft } from "./patch";
import type { Document } from "./document";

type DocumentDraft = Draft<Document>;

/** Puts `nodes` into a new circuit and one instance of it in their place; crossing projections pass through ports. */
export function group(draft: DocumentDraft, circuit: string, nodes: string[], name: string): string {
  const outer = circuitOr(draft, circuit);
  for (const key of nodes) if (!Object.hasOwn(outer.nodes, key)) throw new CommandError(`There is no node “${key}” in circuit “${circuit}”.`);
  if (!nodes.length) throw new CommandError("Nothing is selected to be grouped.");
  const inside = new Set(nodes);
  const innerKey = freeKey(slug(name, "circuit"), draft.value.circuits);
  const instance = freeKey(slug(name, "circuit"), without(outer.nodes, inside));
  const inner: Circuit = { name, nodes: {}, projections: {}, ports: {} };
  for (const key of nodes) inner.nodes[key] = outer.nodes[key]!;

  const rewired: [string, Projection][] = [];
  for (const [key, p] of Object.entries(outer.projections)) {
    const from = inside.has(nodeKey(p.from));
    const to = inside.has(nodeKey(p.to));
    if (from && to) inner.projections[key] = p;
    else if (from) rewired.push([key, { ...p, from: `${instance}.${port(inner, "out", p.from)}` }]);
    else if (to) rewired.push([key, { ...p, to: `${instance}.${port(inner, "in", p.to)}` }]);
  }
  const ports = outerPorts(outer, inside, instance, inner);
  const places = draft.value.layout?.[circuit] ?? {};
  const kept = Object.fromEntries(nodes.filter((key) => places[key]).map((key) => [key, places[key]!]));

  for (const key of Object.keys(inner.projections)) draft.remove(pointer("circuits", circuit, "projections", key));
  for (const key of nodes) {
    draft.remove(pointer("circuits", circuit, "nodes", key));
    draft.remove(pointer("layout", circuit, key));
  }
  draft.set(pointer("circuits", innerKey), inner);
  draft.set(pointer("circuits", circuit, "nodes", instance), { kind: "instance", name, of: innerKey });
  for (const [key, p] of rewired) draft.set(pointer("circuits", circuit, "projections", key), p);
  for (const [key, changed] of ports) draft.set(pointer("circuits", circuit, "ports", key), changed);
  if (Object.keys(kept).length) {
    draft.set(pointer("layout", innerKey), kept);
    draft.set(pointer("layout", circuit, instance), middle(kept));
  }
  moveOverrides(draft, circuit, (path) => (inside.has(nodeKey(path)) ? `${instance}.${path}` : path));
  moveRecords(draft, circuit, (path) => (inside.has(nodeKey(path)) ? `${instance}.${path}` : path));
  return `Group into ${name}`;
}

/** Puts the nodes of an instance back into its circuit. An instance that repeats cannot be taken apart. */
export function ungroup(draft: DocumentDraft, circuit: string, key: string): string {
  const outer = circuitOr(draft, circuit);
  const node = outer.nodes[key];
  if (node?.kind !== "instance") throw new CommandError(`“${key}” is not a sub-circuit.`);
  if ((node.repeat ?? 1) !== 1) throw new CommandError(`“${node.name}” is ${node.repeat} copies of one circuit: set its repeat to 1 first.`);
  const inner = circuitOr(draft, node.of);
  const names = freshNames(inner, without(outer.nodes, new Set([key])));
  const renamed = (end: string): string => (names.get(nodeKey(end)) ?? nodeKey(end)) + end.slice(nodeKey(end).length);

  draft.remove(pointer("circuits", circuit, "nodes", key));
  for (const [own, child] of Object.entries(inner.nodes))
    draft.set(pointer("circuits", circuit, "nodes", names.get(own)!), overridden(child, own, node));
  reroute(draft, circuit, key, outer, inner, renamed);
  for (const p of Object.values(inner.projections))
    draft.set(pointer("circuits", circuit, "projections", freeProjectionKey(circuitOr(draft, circuit).projections)), { ...p, from: renamed(p.from), to: renamed(p.to) });
  placeInside(draft, circuit, key, node.of, names);
  const back = (path: string): string => (nodeKey(path) === key && path.startsWith(`${key}.`) ? renamed(path.slice(key.length + 1)) : path);
  moveOverrides(draft, circuit, back);
  moveRecords(draft, circuit, back);
  if (!used(draft.value, node.of)) {
    draft.remove(pointer("circuits", node.of));
    draft.remove(pointer("layout", node.of));
  }
  return `Ungroup ${node.name}`;
}

function circuitOr(draft: DocumentDraft, key: string): Circuit {
  const circuit = draft.get<Circuit>(pointer("circuits", key));
  if (!circuit) throw new CommandError(`There is no circuit “${key}”.`);
  return circuit;
}

const without = <V>(record: { [key: string]: V }, keys: Set<string>): { [key: string]: V } =>
  Object.fromEntries(Object.entries(record).filter(([key]) => !keys.has(key)));

/** The port of `inner` that leads to (or from) `end`, made when there is none yet. */
function port(inner: Circuit, direction: "in" | "out", end: string): string {
  const side = direction === "in" ? "to" : "from";
  const found = Object.entries(inner.ports).find(([, p]) => p.direction === direction && p[side]?.length === 1 && p[side][0] === end);
  if (found) return found[0];
  const key = freeKey(slug(`${end}_${direction}`), inner.ports);
  inner.ports[key] = { direction, [side]: [end] };
  return key;
}

/** The outer circuit's own ports that led to grouped nodes now lead to ports of the instance. */
function outerPorts(outer: Circuit, inside: Set<string>, instance: string, inner: Circuit): [string, Port][] {
  const changed: [string, Port][] = [];
  for (const [key, p] of Object.entries(outer.ports)) {
    const side = p.direction === "in" ? "to" : "from";
    const list = p[side] ?? [];
    if (!list.some((end) => inside.has(nodeKey(end)))) continue;
    changed.push([key, { ...p, [side]: list.map((end) => (inside.has(nodeKey(end)) ? `${instance}.${port(inner, p.direction, end)}` : end)) }]);
  }
  return changed;
}

function middle(places: Layout[string]): { x: number; y: number } {
  const all = Object.values(places);
  const mean = (axis: "x" | "y"): number => Math.round(all.reduce((sum, p) => sum + (p[axis] ?? 0), 0) / all.length);
  return { x: mean("x"), y: mean("y") };
}

function freshNames(inner: Circuit, taken: { [key: string]: unknown }): Map<string, string> {
  const names = new Map<string, string>();
  const all: { [key: string]: unknown } = { ...taken };
  for (const own of Object.keys(inner.nodes)) {
    const free = freeKey(own, all);
    names.set(own, free);
    all[free] = true;
  }
  return names;
}

/** The child with the instance's overrides of its own parameters written into it. */
function overridden(child: Circuit["nodes"][string], own: string, instance: InstanceNode): Circuit["nodes"][string] {
  const mine = Object.entries(instance.override ?? {}).filter(([path]) => path.startsWith(`${own}.`));
  if (!mine.length) return child;
  const values = Object.fromEntries(mine.map(([path, value]) => [path.slice(own.length + 1), value]));
  return child.kind === "instance"
    ? { ...child, override: { ...child.override, ...values } }
    : { ...child, params: { ...child.params, ...values } };
}

/** Projections and ports of the outer circuit that ended at a port of the instance now end at what the port led to. */
function reroute(draft: DocumentDraft, circuit: string, key: string, outer: Circuit, inner: Circuit, renamed: (end: string) => string): void {
  const ends = (end: string): string[] => {
    if (nodeKey(end) !== key) return [end];
    const p = inner.ports[end.slice(end.indexOf(".") + 1)];
    return (p?.to ?? p?.from ?? []).map(renamed);
  };
  for (const [id, p] of Object.entries(outer.projections)) {
    if (nodeKey(p.from) !== key && nodeKey(p.to) !== key) continue;
    const pairs = ends(p.from).flatMap((from) => ends(p.to).map((to) => ({ ...p, from, to })));
    draft.remove(pointer("circuits", circuit, "projections", id));
    pairs.forEach((pair, n) => {
      const free = n === 0 ? id : freeProjectionKey(circuitOr(draft, circuit).projections);
      draft.set(pointer("circuits", circuit, "projections", free), pair);
    });
  }
  for (const [id, p] of Object.entries(outer.ports))
    for (const side of ["to", "from"] as const)
      if (p[side]?.some((end) => nodeKey(end) === key)) draft.set(pointer("circuits", circuit, "ports", id, side), p[side].flatMap(ends));
}

function placeInside(draft: DocumentDraft, circuit: string, key: string, of: string, names: Map<string, string>): void {
  const places = draft.value.layout?.[of] ?? {};
  const at = draft.value.layout?.[circuit]?.[key];
  draft.remove(pointer("layout", circuit, key));
  if (!Object.keys(places).length) return;
  const centre = middle(places);
  for (const [own, place] of Object.entries(places)) {
    if (!names.has(own)) continue;
    const shift = at ? { x: (place.x ?? 0) + (at.x ?? 0) - centre.x, y: (place.y ?? 0) + (at.y ?? 0) - centre.y } : {};
    draft.set(pointer("layout", circuit, names.get(own)!), { ...place, ...shift });
  }
}

/** Rewrites override paths in every instance of `circuit`. */
function moveOverrides(draft: DocumentDraft, circuit: string, to: (path: string) => string): void {
  for (const [outer, { nodes }] of Object.entries(draft.value.circuits))
    for (const [key, node] of Object.entries(nodes)) {
      if (node.kind !== "instance" || node.of !== circuit || !node.override) continue;
      const moved = Object.fromEntries(Object.entries(node.override).map(([path, value]) => [to(path), value]));
      if (Object.keys(moved).some((path) => !Object.hasOwn(node.override!, path)))
        draft.set(pointer("circuits", outer, "nodes", key, "override"), moved);
    }
}

/** Rewrites what is recorded, where `circuit` is the main one. */
function moveRecords(draft: DocumentDraft, circuit: string, to: (path: string) => string): void {
  if (circuit !== draft.value.main) return;
  (draft.value.run?.record ?? []).forEach((item, n) => {
    const moved = to(item.path);
    if (moved !== item.path) draft.set(pointer("run", "record", n, "path"), moved);
  });
}

function used(document: Document, circuit: string): boolean {
  if (document.main === circuit) return true;
  return Object.values(document.circuits).some(({ nodes }) => Object.values(nodes).some((n) => n.kind === "instance" && n.of === circuit));
}
