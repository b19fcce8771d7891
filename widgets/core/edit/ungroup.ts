// `ungroup`: the nodes of an instance come out into the circuit that holds it; nothing it overrides is lost.
//
// Only an instance with one copy can be ungrouped. Order of changes: (1) each inner node, with the instance's overrides written into it, under
// its own key or the next free one; (2) each inner projection likewise (its own key when free, else the smallest free p number); (3) each outer
// projection that ends at a port: one for each inner end, the first keeps its key; one without any inner end is taken away; (4) ports of the
// outer circuit; (5) the instance; (6) layout: inner positions around the place of the instance; (7) references lose the instance,
// constraints on all of it name its nodes (one for each, or in the list); (8) the inner circuit and its layout, when nothing else uses it.

import { CommandError, type CommandOf } from "../command";
import type { Place, Projection, Value, Written, WrittenNode } from "../document";
import { headOf, parsePath, showPath, takes, type Path, type Step } from "../paths";
import { called, circuitOf, Draft, nodeOf, sorted, type Tables } from "./draft";
import { freeProjectionKey, takenIn, freeKey } from "../keys";
import { renamed } from "./nodes";
import { drop, Places, rewrite, spread } from "./references";

type Instance = Extract<WrittenNode, { kind: "instance" }>;

const DEFAULTS: { [part: string]: string } = { connector: "all_to_all", kinetics: "delta", plasticity: "static", device: "ideal" };
type Renames = ReadonlyMap<string, string>;
/** One override that means the one copy: its first step, the others, its value. */
interface Setting {
  first: Step;
  rest: Path;
  value: Value;
}

/** Puts the content of an instance in its place. */
export function ungroup(draft: Draft, { circuit, node: key }: CommandOf<"ungroup">): string {
  const instance = nodeOf(draft, circuit, key);
  const name = called(instance, key);
  if (instance.kind !== "instance") throw new CommandError(`“${name}” is not a circuit.`, "path.kind");
  if ((instance.repeat ?? 1) !== 1) throw new CommandError(`“${name}” stands for ${instance.repeat} copies and cannot be ungrouped. Set its repeat to 1 first.`, "size.copies");
  const inner = circuitOf(draft, instance.of);
  const keys = bringIn(draft, circuit, instance, inner);
  reconnect(draft, circuit, key, inner, keys);
  draft.unset(["circuits", circuit, "nodes", key]);
  layOut(draft, circuit, key, instance.of, keys);
  rewriteReferences(draft, circuit, key, keys, sorted(inner.nodes).map(([old, node]) => [keys.get(old)!, node]));
  if (!isUsed(draft.document, instance.of)) {
    draft.unset(["circuits", instance.of]);
    draft.unset(["layout", instance.of]);
  }
  return `Ungroup ${name}`;
}

/** Steps 1 and 2; the new key of each inner node and projection. */
function bringIn(draft: Draft, circuit: string, instance: Instance, inner: Tables): Renames {
  const keys = new Map<string, string>();
  const settings = settingsOf(instance);
  const own = (key: string): Setting[] => settings.filter(({ first }) => first.key === key);
  const taken = (): Set<string> => takenIn(circuitOf(draft, circuit));
  for (const [old, node] of sorted(inner.nodes)) {
    keys.set(old, freeKey(old, taken()));
    draft.set(["circuits", circuit, "nodes", keys.get(old)!], withSettings(node, own(old)));
  }
  for (const [old, projection] of sorted(inner.projections)) {
    keys.set(old, taken().has(old) ? freeProjectionKey(taken()) : old);
    const moved = { ...projection, from: renamed(projection.from, keys), to: renamed(projection.to, keys) };
    draft.set(["circuits", circuit, "projections", keys.get(old)!], withSettings(moved, own(old)));
  }
  return keys;
}

/** Overrides that mean copy 0: those for all copies first, then those for single copies. */
function settingsOf(instance: Instance): Setting[] {
  const all = sorted(instance.override).flatMap(([text, value]) => {
    const path = parsePath(text);
    const single = text.startsWith("[");
    if (single && !takes(path[0]!, 0)) return [];
    const [first, ...rest] = single ? path.slice(1) : path;
    return first ? [{ single, first, rest, value }] : [];
  });
  return [...all.filter((s) => !s.single), ...all.filter((s) => s.single)];
}

/** A node or projection with overrides written into it. */
function withSettings(part: WrittenNode | Projection, settings: Setting[]): unknown {
  const inside = new Draft(part as unknown as Written);
  for (const { first, rest, value } of settings) {
    const names = rest.map((step) => step.key);
    const whole = names.join(".");
    if (!("kind" in part)) {
      const defaultModel = names.length === 2 ? DEFAULTS[names[0]!] : undefined;
      if (defaultModel !== undefined) {
        if (!inside.get([names[0]!])) inside.set([names[0]!], { model: defaultModel });
        inside.set([names[0]!, "params", names[1]!], value);
      } else inside.set(names, value);
    } else if (part.kind === "instance" && whole !== "repeat") override(inside, [...(first.index ? [{ key: "", index: first.index }] : []), ...rest], value);
    else if (names[0] === "start" || whole === "size" || whole === "repeat") inside.set(names, value);
    else inside.set(["params", ...names], value);
  }
  return inside.document;
}

/** Writes an override over those of the same keys for single copies, since what is further out wins. */
function override(inside: Draft, path: Path, value: Value): void {
  const keys = keysOf(path);
  const forAll = !path.some((step) => step.index);
  for (const [text] of sorted(inside.get(["override"]) as { [path: string]: Value } | undefined)) if (forAll && keysOf(parsePath(text)) === keys) inside.unset(["override", text]);
  inside.set(["override", showPath(path)], value);
}

const keysOf = (path: Path): string => path.flatMap(({ key }) => (key ? [key] : [])).join(".");

/** Steps 3 and 4. */
function reconnect(draft: Draft, circuit: string, key: string, inner: Tables, keys: Renames): void {
  const ends = (end: string): string[] => {
    const steps = parsePath(end);
    if (steps[0]!.key !== key) return [end];
    const port = steps.length === 2 ? inner.ports[steps[1]!.key] : undefined;
    return (port?.[port.direction === "in" ? "to" : "from"] ?? []).map((inside) => renamed(inside, keys));
  };
  const gone = new Places();
  for (const [name, projection] of sorted(circuitOf(draft, circuit).projections)) {
    if (headOf(projection.from) !== key && headOf(projection.to) !== key) continue;
    const pairs = ends(projection.from).flatMap((from) => ends(projection.to).map((to) => ({ ...projection, from, to })));
    if (!pairs.length) {
      draft.unset(["circuits", circuit, "projections", name]);
      gone.add(circuit, name);
    }
    pairs.forEach((pair, k) => {
      const own = k === 0 ? name : freeProjectionKey(takenIn(circuitOf(draft, circuit)));
      draft.set(["circuits", circuit, "projections", own], pair);
    });
  }
  for (const [name, port] of sorted(circuitOf(draft, circuit).ports)) {
    const side = port.direction === "in" ? "to" : "from";
    draft.set(["circuits", circuit, "ports", name, side], (port[side] ?? []).flatMap(ends));
  }
  drop(draft, gone);
}

function layOut(draft: Draft, circuit: string, key: string, inner: string, keys: Renames): void {
  const placed = sorted((draft.get(["layout", inner]) ?? {}) as { [key: string]: Place }).filter(([old]) => keys.has(old));
  const here = draft.get(["layout", circuit, key]) as Place | undefined;
  const mean = (axis: "x" | "y"): number => placed.reduce((sum, [, at]) => sum + (at[axis] ?? 0), 0) / placed.length;
  const average = { x: mean("x"), y: mean("y") };
  const centre = here && Object.keys(here).length ? here : average;
  for (const [old, at] of placed) {
    const shifted = (axis: "x" | "y"): number => (centre[axis] ?? 0) + ((at[axis] ?? 0) - average[axis]);
    draft.set(["layout", circuit, keys.get(old)!], { ...at, x: shifted("x"), y: shifted("y") });
  }
  if (here !== undefined) draft.unset(["layout", circuit, key]);
}

/** Step 7: `here.exc` becomes `exc`; the walk no longer finds the instance, so its next step is looked up in `keys`. */
function rewriteReferences(draft: Draft, circuit: string, key: string, keys: Renames, inner: readonly [string, WrittenNode][]): void {
  rewrite(draft, (path, k, place) => {
    const follows = path[k + 1];
    if (place.circuit !== circuit || place.key !== key || !follows || !keys.has(follows.key)) return null;
    return [...path.slice(0, k), { key: keys.get(follows.key)!, index: follows.index }, ...path.slice(k + 2)];
  });
  spread(draft, { circuit, key }, inner);
  const gone = new Places();
  gone.add(circuit, key);
  drop(draft, gone);
}

function isUsed(document: Written, circuit: string): boolean {
  if (document.main === circuit) return true;
  return Object.values(document.circuits).some(({ nodes }) => Object.values(nodes ?? {}).some((node) => node.kind === "instance" && node.of === circuit));
}
