// What an instance sets differently inside it: which of its overrides a path means, and everything that could be overridden.

import { entryOf, type Catalogue, type Kind, type ParamEntry } from "../../core/catalogue";
import type { Document, InstanceNode, Projection, Value } from "../../core/document";
import { takes, tryPath, type Path } from "../../core/paths";
import { FREE } from "./values";

/** Something inside a circuit that an instance may set: its path from there, the name of what it belongs to, and what the circuit says. */
export interface Inner {
  path: string;
  label: string;
  param: ParamEntry;
  value: Value | undefined;
}

/** The override by which a setting in a copy (`[1]`; empty: all copies) comes about: of several, the one that names the copy. Null: there is none. */
export function overrideOf({ override, repeat = 1 }: InstanceNode, index: string, rest: Path): string | null {
  const copy = index ? Number(index.slice(1, -1)) : repeat === 1 ? 0 : NaN;
  const found = Object.keys(override ?? {}).filter((text) => means(text, copy, rest));
  return found.sort((a, b) => copiesIn(a) - copiesIn(b)).at(-1) ?? null;
}

const copiesIn = (text: string): number => text.match(/\[\d+\]/g)?.length ?? 0;

function means(text: string, copy: number, rest: Path): boolean {
  const path = tryPath(text) ?? [];
  const own = path[0]?.key === "" ? path.slice(1) : path;
  if (own !== path && !takes(path[0]!, copy)) return false;
  return own.length === rest.length && own.every((step, k) => step.key === rest[k]!.key && takes(step, Number(rest[k]!.index.slice(1, -1) || NaN)));
}

/** `[1].exc.tau_m`, a parameter of one copy, is `exc.tau_m` in the circuit. */
export const withoutCopies = (path: string): string => path.replace(/\[[^\]]*\]/g, "").replace(/^\./, "");

const DEEPEST = 4; // circuits in circuits that are listed
const PARTS = ["connector", "kinetics", "plasticity", "device"] as const satisfies readonly Kind[];
const own = (name: string, doc: string, more: Partial<ParamEntry> = {}): ParamEntry => ({ ...FREE, name, default: null, doc, role: "", kind: "number", choices: [], shared: true, advanced: false, ...more });
const SIZE = own("size", "How many", { low: 1, integer: true });
const FIELDS = { weight: own("weight", "Weight of every synapse"), delay: own("delay", "Delay of every synapse", { low: 0, unit: "ms" }), gain: own("gain", "Factor on what is passed on") };

/** Everything inside a circuit that an instance of it may set, node by node, then projection by projection. */
export function innerParams(document: Document, of: string, catalogue: Catalogue, prefix = "", depth = 0): Inner[] {
  const circuit = document.circuits[of];
  if (!circuit || depth > DEEPEST) return [];
  const nodes = Object.entries(circuit.nodes).flatMap(([key, node]): Inner[] => {
    const at = `${prefix}${key}.`;
    if (node.kind === "instance") return innerParams(document, node.of, catalogue, at, depth + 1);
    const entry = entryOf(catalogue, node.kind === "source" ? "source" : "neuron", node.model);
    return [{ path: `${at}size`, label: node.name, param: SIZE, value: node.size }, ...numbers(entry?.params, at, node.name, node.params)];
  });
  return [...nodes, ...Object.entries(circuit.projections ?? {}).flatMap(([key, one]) => ofProjection(catalogue, `${prefix}${key}.`, key, one))];
}

function ofProjection(catalogue: Catalogue, at: string, key: string, one: Projection): Inner[] {
  const fields = (["weight", "delay", "gain"] as const).map((name) => ({ path: `${at}${name}`, label: key, param: FIELDS[name], value: one[name] }));
  const parts = PARTS.flatMap((part) => {
    const chosen = one[part];
    return chosen ? numbers(entryOf(catalogue, part, chosen.model)?.params, `${at}${part}.`, key, chosen.params) : [];
  });
  return [...fields, ...parts];
}

function numbers(params: readonly ParamEntry[] | undefined, at: string, label: string, given: { [name: string]: Value } | undefined): Inner[] {
  return (params ?? []).filter((param) => param.kind === "number").map((param) => ({ path: `${at}${param.name}`, label, param, value: given?.[param.name] }));
}
