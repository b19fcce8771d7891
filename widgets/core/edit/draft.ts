// A working copy of a document that writes down each change and how to undo it. The document it began with is never changed.

import { toText } from "../bytes";
import { CommandError, type Edit, type Patch, type PatchStep } from "../command";
import type { Written, WrittenCircuit, WrittenNode } from "../document";
import { applyPatch, pointer, type Tokens } from "../patch";

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);
/** Equal as JSON. */
const same = (a: unknown, b: unknown): boolean => a === b || toText(a) === toText(b);

export class Draft {
  readonly patch: Patch = [];
  readonly inverse: Patch = [];

  constructor(public document: Written) {}

  /** What stands there, or undefined. */
  get(tokens: Tokens): unknown {
    let at: unknown = this.document;
    for (const token of tokens) {
      if (isObject(at) && Object.hasOwn(at, token)) at = at[token];
      else if (Array.isArray(at) && /^\d+$/.test(token)) at = at[Number(token)];
      else return undefined;
    }
    return at;
  }

  /** Puts a value there, with whatever parents are missing. What is equal already is left. */
  set(tokens: Tokens, value: unknown): void {
    let at: unknown = this.document;
    for (const [depth, token] of tokens.entries()) {
      const last = depth === tokens.length - 1;
      const here = tokens.slice(0, depth + 1);
      if (isObject(at)) {
        if (!Object.hasOwn(at, token)) return this.log({ op: "add", path: pointer(...here), value: wrapped(tokens.slice(depth + 1), value) });
        if (last) return this.replace(here, at[token], value);
        at = at[token];
      } else if (Array.isArray(at)) {
        const index = indexIn(at, token, tokens, last);
        const place = [...tokens.slice(0, depth), String(index)];
        if (last) return index === at.length ? this.log({ op: "add", path: pointer(...place), value }) : this.replace(place, at[index], value);
        at = at[index];
      } else throw new CommandError(`“${pointer(...tokens)}” leads through “${pointer(...tokens.slice(0, depth))}”, which holds a plain value.`, "path.pointer");
    }
    throw new CommandError("The whole document is not set at once.", "path.pointer");
  }

  /** Takes away what stands there, if anything does. */
  unset(tokens: Tokens): void {
    const value = this.get(tokens);
    if (value !== undefined) this.log({ op: "remove", path: pointer(...tokens) }, value);
  }

  edit(label: string): Edit {
    return { patch: this.patch, inverse: this.inverse, label };
  }

  private replace(tokens: Tokens, old: unknown, value: unknown): void {
    if (!same(old, value)) this.log({ op: "replace", path: pointer(...tokens), value }, old);
  }

  private log(step: PatchStep, old?: unknown): void {
    this.document = applyPatch(this.document, [step]);
    this.patch.push(step);
    const { op, path } = step;
    this.inverse.unshift(op === "add" ? { op: "remove", path } : { op: op === "remove" ? "add" : "replace", path, value: old });
  }
}

function wrapped(tokens: Tokens, value: unknown): unknown {
  return tokens.reduceRight((inner, token) => ({ [token]: inner }), value);
}

function indexIn(list: unknown[], token: string, tokens: Tokens, append: boolean): number {
  if (append && token === "-") return list.length;
  if (/^(0|[1-9]\d{0,8})$/.test(token) && Number(token) < list.length + (append ? 1 : 0)) return Number(token);
  throw new CommandError(`“${pointer(...tokens)}”: a list of ${list.length} has no place “${token}”.`, "path.pointer");
}

/** Members in key order (UTF-16 code units), as every command visits them. */
export function sorted<V>(table: { [key: string]: V } | undefined): [string, V][] {
  return Object.entries(table ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** A circuit as it is written, its tables filled in. */
export type Tables = WrittenCircuit & Required<Pick<WrittenCircuit, "nodes" | "projections" | "ports">>;

/** The circuit a command speaks of. */
export function circuitOf(draft: Draft, key: unknown): Tables {
  const { circuits } = draft.document;
  if (typeof key !== "string" || !Object.hasOwn(circuits, key)) throw new CommandError(`There is no circuit “${String(key)}”. There is ${Object.keys(circuits).sort().join(", ")}.`, "path.unknown");
  const circuit = circuits[key]!;
  return { ...circuit, nodes: circuit.nodes ?? {}, projections: circuit.projections ?? {}, ports: circuit.ports ?? {} };
}

/** The node a command speaks of. */
export function nodeOf(draft: Draft, circuit: string, key: unknown): WrittenNode {
  const { nodes } = circuitOf(draft, circuit);
  if (typeof key === "string" && Object.hasOwn(nodes, key)) return nodes[key]!;
  throw new CommandError(`There is no node “${String(key)}” in circuit “${circuit}”.`, "path.unknown");
}

/** What people call a node. */
export const called = (node: { name?: string }, key: string): string => node.name || key;
