// From a path of the document (`cols[1].exc.tau_m`, `column:exc.tau_m`) to the place on the canvas it speaks of.

import { circuitOf, type Document } from "../../core/document";
import { tryPath, type Path } from "../../core/paths";
import { overrideOf } from "./overrides";

/** One step of the way down: the circuit looked at, and the instance it was entered through (none for the first). */
export interface Step {
  circuit: string;
  via?: string;
}

export interface Place {
  trail: Step[];
  node?: string;
  port?: string;
  projection?: string;
  field?: string;
  /** What follows the node, projection or port: `kinetics.tau`; the whole path when none is named. */
  tail: string;
}

/** Follows a path as far as it goes. What is left over names a field. What an instance overrides stands there, not in its circuit. */
export function placeOf(document: Document, where: string): Place {
  const [first, rest] = where.includes(":") ? splitOnce(where) : [document.main, where];
  const start = circuitOf(document, first) ? first : document.main;
  const trail: Step[] = start === document.main ? [{ circuit: start }] : [{ circuit: document.main }, { circuit: start }];
  const overridden = followOverride(document, trail, tryPath(rest) ?? []);
  if (overridden) return overridden;
  const segments = rest.replace(/\[[^\]]*\]/g, "").split(/[./]/).filter(Boolean);
  return follow(document, trail, segments);
}

const splitOnce = (text: string): [string, string] => [text.slice(0, text.indexOf(":")), text.slice(text.indexOf(":") + 1)];

function follow(document: Document, trail: Step[], segments: string[]): Place {
  const circuit = circuitOf(document, trail.at(-1)!.circuit);
  const [key, ...more] = segments;
  if (!circuit || key === undefined) return { trail, tail: "" };
  const tail = more.join(".");
  const field = more.length ? more.at(-1)! : undefined;
  const node = Object.hasOwn(circuit.nodes, key) ? circuit.nodes[key] : undefined;
  if (node?.kind === "instance" && more.length > 0) {
    const inner = circuitOf(document, node.of);
    const next = more[0]!;
    const known = inner && (next in inner.nodes || next in (inner.projections ?? {}));
    return known ? follow(document, [...trail, { circuit: node.of, via: key }], more) : { trail, node: key, field, tail };
  }
  if (node) return { trail, node: key, field, tail };
  if (Object.hasOwn(circuit.projections ?? {}, key)) return { trail, projection: key, field, tail };
  if (Object.hasOwn(circuit.ports ?? {}, key)) return { trail, port: key, field, tail };
  return { trail, field: segments.at(-1), tail: segments.join(".") };
}

/** The outermost instance on the way that sets what the path names; the field is called as the override is (`[1].exc.tau_m`). */
function followOverride(document: Document, trail: Step[], path: Path): Place | null {
  const [first, ...rest] = path;
  const node = first && circuitOf(document, trail.at(-1)!.circuit)?.nodes[first.key];
  if (node?.kind !== "instance" || !rest.length) return null;
  const found = overrideOf(node, first!.index, rest);
  if (found !== null) return { trail, node: first!.key, field: found, tail: found };
  return followOverride(document, [...trail, { circuit: node.of, via: first!.key }], rest);
}

/** The flat paths of a node seen through a trail: `cols[0].exc`, `cols[1].exc`. */
export function pathPattern(trail: readonly Step[], node: string): RegExp {
  const steps = trail.slice(1).flatMap((step) => (step.via ? [step.via] : []));
  const body = [...steps, node].map((key) => `${key}(?:\\[[^\\]]*\\])?`).join("\\.");
  const detached = trail.slice(1).some((step) => !step.via);
  return new RegExp(detached ? `(?:^|\\.)${node}$` : `^${body}(?:\\.|$)`);
}

/** A readable path of a node from the main circuit; `column:exc` when its circuit was not entered through an instance. */
export function pathText(trail: readonly Step[], key: string): string {
  const inner = trail.slice(1);
  if (inner.some((step) => !step.via)) return `${trail.at(-1)!.circuit}:${key}`;
  return [...inner.map((step) => step.via), key].join(".");
}
