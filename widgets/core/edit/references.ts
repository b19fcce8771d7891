// Paths in a document that name nodes: overrides, signals of rules, recordings, the task, constraints; found, dropped and rewritten.

import type { Constraint, Recorded, Written, WrittenNode } from "../document";
import { showPath, tryPath, type Path } from "../paths";
import { sorted, type Draft } from "./draft";
import type { Tokens } from "../patch";

/** A node or projection: its circuit and its key. */
export interface Place {
  circuit: string;
  key: string;
}

/** Places that are gone or moved. */
export class Places {
  private readonly all = new Set<string>();
  add(circuit: string, key: string): void {
    this.all.add(`${circuit}/${key}`);
  }
  has({ circuit, key }: Place): boolean {
    return this.all.has(`${circuit}/${key}`);
  }
}

/** One path: where it stands, the circuit it starts in, and what it says. An override's path is the key of its entry. */
interface Reference {
  tokens: Tokens;
  kind: "override" | "signal" | "record" | "task" | "constraint";
  start: string;
  path: Path;
}

/** All that can be read, in key order: overrides and signals, then recordings, then the task, then constraints. */
function references(document: Written): Reference[] {
  const found: Reference[] = [];
  const add = (tokens: Tokens, kind: Reference["kind"], start: string, text: unknown): void => {
    const path = tryPath(text);
    if (path) found.push({ tokens, kind, start, path });
  };
  for (const [circuit, { nodes, projections }] of sorted(document.circuits)) {
    for (const [key, node] of sorted(nodes))
      if (node.kind === "instance") for (const [text] of sorted(node.override)) add(["circuits", circuit, "nodes", key, "override", text], "override", node.of, text);
    for (const [key, { plasticity }] of sorted(projections))
      for (const [name, text] of sorted(plasticity?.signals)) add(["circuits", circuit, "projections", key, "plasticity", "signals", name], "signal", circuit, text);
  }
  const main = document.main ?? "main";
  (document.run?.record ?? []).forEach((one, k) => add(["run", "record", String(k), "path"], "record", main, one.path));
  const task = document.task ?? {};
  for (const name of ["source", "readout"]) add(["task", name], "task", main, task[name]);
  (document.constraints ?? []).forEach((one, k) => {
    add(["constraints", String(k), "path"], "constraint", main, one.path);
    (one.paths ?? []).forEach((text, j) => add(["constraints", String(k), "paths", String(j)], "constraint", main, text));
  });
  return found;
}

/** The step number and place of each node or projection that a path goes through. */
function visited(document: Written, start: string, path: Path): [number, Place][] {
  const found: [number, Place][] = [];
  let circuit = start;
  for (const [k, step] of path.entries()) {
    if (!step.key) continue;
    found.push([k, { circuit, key: step.key }]);
    const nodes: { [key: string]: WrittenNode } = document.circuits[circuit]?.nodes ?? {};
    const node = Object.hasOwn(nodes, step.key) ? nodes[step.key] : undefined;
    if (node?.kind !== "instance") break;
    circuit = node.of;
  }
  return found;
}

/** Takes away overrides, recordings and constraints of what is gone; an emptied list goes too, so that the default returns. */
export function drop(draft: Draft, gone: Places): void {
  const lost = references(draft.document).filter((r) => visited(draft.document, r.start, r.path).some(([, place]) => gone.has(place)));
  for (const { kind, tokens } of lost) if (kind === "override" || kind === "signal") draft.unset(tokens);
  const numbers = new Set(lost.filter((r) => r.kind === "record").map((r) => Number(r.tokens[2])));
  if (numbers.size) {
    const left = (draft.get(["run", "record"]) as Recorded[]).filter((_, k) => !numbers.has(k));
    if (left.length) draft.set(["run", "record"], left);
    else draft.unset(["run", "record"]);
  }
  constrain(draft, new Map(lost.filter((r) => r.kind === "constraint").map((r) => [r.tokens.join("/"), []])));
}

/** Puts the nodes that an instance held in its place where a constraint names the whole instance; sources have no fan-in. */
export function spread(draft: Draft, gone: Place, inner: readonly [string, WrittenNode][]): void {
  const instead = new Map<string, string[]>();
  for (const { tokens, kind, start, path } of references(draft.document)) {
    const last = kind === "constraint" ? visited(draft.document, start, path).at(-1) : undefined;
    if (!last || last[0] !== path.length - 1 || last[1].circuit !== gone.circuit || last[1].key !== gone.key) continue;
    const about = draft.get([...tokens.slice(0, 2), "kind"]);
    const fitting = inner.filter(([, node]) => about !== "fan_in" || node.kind !== "source");
    instead.set(tokens.join("/"), fitting.map(([key]) => showPath([...path.slice(0, -1), { key, index: "" }])));
  }
  constrain(draft, instead);
}

/** Replaces paths of constraints, each by any number of others: one constraint for each `path`; none without `paths`, or apart from none. */
function constrain(draft: Draft, instead: ReadonlyMap<string, readonly string[]>): void {
  if (!instead.size) return;
  const left = (draft.document.constraints ?? []).flatMap((one, k): Constraint[] => {
    const other = instead.get(`constraints/${k}/path`);
    if (other) return other.map((path) => ({ ...one, path }));
    const paths = one.paths?.flatMap((text, j) => instead.get(`constraints/${k}/paths/${j}`) ?? [text]);
    if (!paths || JSON.stringify(paths) === JSON.stringify(one.paths)) return [one];
    return paths.length > (one.kind === "keep_apart" ? 1 : 0) ? [{ ...one, paths }] : [];
  });
  if (left.length) draft.set(["constraints"], left);
  else draft.unset(["constraints"]);
}

/** Rewrites each reference by the first step that `change` has an answer for. */
export function rewrite(draft: Draft, change: (path: Path, step: number, place: Place) => Path | null): void {
  for (const { tokens, kind, start, path } of references(draft.document))
    for (const [step, place] of visited(draft.document, start, path)) {
      const changed = change(path, step, place);
      if (!changed) continue;
      if (kind === "override") {
        const value = draft.get(tokens);
        draft.unset(tokens);
        draft.set([...tokens.slice(0, -1), showPath(changed)], value);
      } else draft.set(tokens, showPath(changed));
      break;
    }
}
