// `remove`: nodes and projections, with all that hangs on them.
//
// Order of changes: (1) the projections that end at a removed node, with those named, in key order; (2) ports of the circuit lose the removed
// nodes, and an emptied port is dropped: first itself, then in every circuit that uses this one its projections, then the ports there that
// lead to it, and so on outwards; (3) each node, then its layout; (4) overrides and recordings. A task that names a removed node stays.

import { CommandError, type CommandOf } from "../command";
import type { Projection } from "../document";
import { headOf, parsePath } from "../paths";
import { called, circuitOf, nodeOf, sorted, type Draft } from "./draft";
import { drop, Places } from "./references";

/** Takes away nodes and projections of one circuit. */
export function remove(draft: Draft, { circuit, nodes: named = [], projections = [] }: CommandOf<"remove">): string {
  const nodes = [...new Set(named)].sort();
  const label = labelOf(draft, circuit, nodes, [...new Set(projections)].sort());
  const gone = new Places();
  for (const key of nodes) gone.add(circuit, key);
  const lost = (end: string): boolean => nodes.includes(headOf(end));
  dropProjections(draft, circuit, (key, p) => projections.includes(key) || lost(p.from) || lost(p.to), gone);
  forgetInPorts(draft, circuit, lost, gone);
  for (const key of nodes) {
    draft.unset(["circuits", circuit, "nodes", key]);
    draft.unset(["layout", circuit, key]);
  }
  drop(draft, gone);
  return label;
}

function labelOf(draft: Draft, circuit: string, nodes: string[], projections: string[]): string {
  const inside = circuitOf(draft, circuit).projections;
  const names = nodes.map((key) => called(nodeOf(draft, circuit, key), key));
  for (const key of projections) {
    if (!Object.hasOwn(inside, key)) throw new CommandError(`There is no projection “${key}” in circuit “${circuit}”.`, "path.unknown");
    names.push(`${inside[key]!.from} to ${inside[key]!.to}`);
  }
  return names.length === 1 ? `Remove ${names[0]}` : `Remove ${names.length} parts`;
}

/** Takes away the projections of a circuit that are unwanted. */
function dropProjections(draft: Draft, circuit: string, unwanted: (key: string, projection: Projection) => boolean, gone: Places): void {
  for (const [key, projection] of sorted(circuitOf(draft, circuit).projections)) {
    if (!unwanted(key, projection)) continue;
    draft.unset(["circuits", circuit, "projections", key]);
    gone.add(circuit, key);
  }
}

/** Takes unwanted ends out of the circuit's ports; drops a port that is left with none. */
function forgetInPorts(draft: Draft, circuit: string, unwanted: (end: string) => boolean, gone: Places): void {
  for (const [key, port] of sorted(circuitOf(draft, circuit).ports)) {
    const side = port.direction === "in" ? "to" : "from";
    const ends = port[side] ?? [];
    const left = ends.filter((end) => !unwanted(end));
    if (left.length === ends.length) continue;
    if (left.length) draft.set(["circuits", circuit, "ports", key, side], left);
    else dropPort(draft, circuit, key, gone);
  }
}

/** Takes away a port, and everything outside that uses it. */
export function dropPort(draft: Draft, circuit: string, port: string, gone: Places): void {
  draft.unset(["circuits", circuit, "ports", port]);
  for (const outer of Object.keys(draft.document.circuits).sort()) {
    const nodes = Object.entries(circuitOf(draft, outer).nodes);
    const instances = new Set(nodes.filter(([, node]) => node.kind === "instance" && node.of === circuit).map(([key]) => key));
    if (!instances.size) continue;
    dropProjections(draft, outer, (_, p) => leadsTo(p.from, instances, port) || leadsTo(p.to, instances, port), gone);
    forgetInPorts(draft, outer, (end) => leadsTo(end, instances, port), gone);
  }
}

/** Whether an end is this port of one of these instances. */
function leadsTo(end: string, instances: ReadonlySet<string>, port: string): boolean {
  const steps = parsePath(end);
  return steps.length === 2 && instances.has(steps[0]!.key) && steps[1]!.key === port;
}
