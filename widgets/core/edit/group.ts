// `group`: nodes of a circuit become a circuit of their own, used here once.
//
// Order of changes: (1) the new circuit, complete: the nodes, the projections among them (same keys), and a port for every (direction, inner
// end) that a crossing projection or a port of the outer circuit uses, named `<end>_in` or `<end>_out`, crossing projections first, each `from`
// before `to`; (2) the projections among them leave; (3) ends of crossing projections, then of the outer ports, become `<instance>.<port>`;
// (4) the nodes leave; (5) the instance comes; (6) layout: positions move along, unchanged, and the instance lies at their mean (rounded half
// up); (7) references gain the instance.

import { CommandError, type CommandOf } from "../command";
import type { Place, Port } from "../document";
import { headOf } from "../paths";
import { circuitOf, nodeOf, sorted, type Draft, type Tables } from "./draft";
import { slug, takenIn, freeKey } from "../keys";
import { Places, rewrite } from "./references";
import type { Tokens } from "../patch";

/** Moves nodes into a new circuit and puts an instance of it in their place. */
export function group(draft: Draft, { circuit, nodes: named, name }: CommandOf<"group">): string {
  const keys = [...new Set(named)].sort();
  if (!keys.length) throw new CommandError("There is nothing to group. Choose one node or more.", "path.unknown");
  const nodes = Object.fromEntries(keys.map((key) => [key, nodeOf(draft, circuit, key)]));
  const outer = circuitOf(draft, circuit);
  const innerKey = freeKey(slug(name, "circuit"), new Set(Object.keys(draft.document.circuits)));
  const instance = freeKey(slug(name, "node"), takenIn(outer));
  const projections = Object.fromEntries(sorted(outer.projections).filter(([, p]) => headOf(p.from) in nodes && headOf(p.to) in nodes));
  const ports = new PortMaker(new Set(keys), instance);
  const crossing = ports.crossing(outer, projections);
  draft.set(["circuits", innerKey], { name, nodes, projections, ports: ports.made });
  for (const key of Object.keys(projections)) draft.unset(["circuits", circuit, "projections", key]);
  for (const [tokens, value] of crossing) draft.set(["circuits", circuit, ...tokens], value);
  for (const key of keys) draft.unset(["circuits", circuit, "nodes", key]);
  draft.set(["circuits", circuit, "nodes", instance], { kind: "instance", name, of: innerKey });
  moveLayout(draft, circuit, innerKey, instance, keys);
  const moved = new Places();
  for (const key of [...keys, ...Object.keys(projections)]) moved.add(circuit, key);
  rewrite(draft, (path, k, place) => (moved.has(place) ? [...path.slice(0, k), { key: instance, index: "" }, ...path.slice(k)] : null));
  return `Group ${keys.length} ${keys.length > 1 ? "nodes" : "node"} as ${name}`;
}

/** The ports of the new circuit, made as they are asked for. */
class PortMaker {
  readonly made: { [key: string]: Port } = {};
  private readonly byEnd = new Map<string, string>();

  constructor(
    private readonly keys: ReadonlySet<string>,
    private readonly instance: string,
  ) {}

  /** What crossing projections and outer ports become: [place in the circuit, new value]. */
  crossing(outer: Tables, inside: Tables["projections"]): [Tokens, unknown][] {
    const changes: [Tokens, unknown][] = [];
    for (const [key, projection] of sorted(outer.projections))
      for (const [end, direction] of [["from", "out"], ["to", "in"]] as const)
        if (!Object.hasOwn(inside, key) && this.keys.has(headOf(projection[end]))) changes.push([["projections", key, end], this.outside(projection[end], direction)]);
    for (const [key, port] of sorted(outer.ports)) {
      const side = port.direction === "in" ? "to" : "from";
      changes.push([["ports", key, side], (port[side] ?? []).map((end) => (this.keys.has(headOf(end)) ? this.outside(end, port.direction) : end))]);
    }
    return changes;
  }

  /** How the outer circuit now says this end. */
  private outside(end: string, direction: "in" | "out"): string {
    const known = `${direction} ${end}`;
    let key = this.byEnd.get(known);
    if (key === undefined) {
      key = freeKey(`${slug(end, "port")}_${direction}`, new Set(Object.keys(this.made)));
      this.byEnd.set(known, key);
      this.made[key] = { direction, [direction === "in" ? "to" : "from"]: [end] };
    }
    return `${this.instance}.${key}`;
  }
}

function moveLayout(draft: Draft, circuit: string, inner: string, instance: string, keys: string[]): void {
  const layout = (draft.get(["layout", circuit]) ?? {}) as { [key: string]: Place };
  const placed = keys.filter((key) => Object.hasOwn(layout, key));
  if (!placed.length) return;
  draft.set(["layout", inner], Object.fromEntries(placed.map((key) => [key, layout[key]])));
  for (const key of placed) draft.unset(["layout", circuit, key]);
  const mean = (axis: "x" | "y"): number => Math.floor(placed.reduce((sum, key) => sum + (layout[key]![axis] ?? 0), 0) / placed.length + 0.5);
  draft.set(["layout", circuit, instance], { x: mean("x"), y: mean("y") });
}
