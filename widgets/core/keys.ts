// Keys: made once from the first name, never changed afterwards.

import { CommandError } from "./command";

const KEY = /^[a-z][a-z0-9_]*$/;
/** Keys that are in use: a set, or the table itself. */
type Taken = ReadonlySet<string> | { readonly [key: string]: unknown };
const holds = (taken: Taken, key: string): boolean => (taken instanceof Set ? taken.has(key) : Object.hasOwn(taken, key));

/** `Layer 4 (exc)` -> `layer_4_exc`. */
export function slug(name: unknown, fallback = "node"): string {
  const lowered = typeof name === "string" ? name.replace(/[A-Z]/g, (letter) => letter.toLowerCase()) : "";
  const trim = (text: string): string => text.replace(/^_+|_+$/g, "");
  const key = trim(trim(lowered.replace(/[^a-z0-9]+/g, "_")).slice(0, 40));
  return (/^[0-9]/.test(key) ? `n${key}` : key) || fallback;
}

/** `base`, or `base_2`, `base_3`, ... whichever is free first. */
export function freeKey(base: string, taken: Taken): string {
  if (!holds(taken, base)) return base;
  for (let n = 2; ; n++) if (!holds(taken, `${base}_${n}`)) return `${base}_${n}`;
}

/** The smallest free p1, p2, ... */
export function freeProjectionKey(taken: Taken): string {
  for (let n = 1; ; n++) if (!holds(taken, `p${n}`)) return `p${n}`;
}

/** Keys of nodes and projections, which share one set. */
export function takenIn({ nodes, projections }: { nodes: object; projections: object }): Set<string> {
  return new Set([...Object.keys(nodes), ...Object.keys(projections)]);
}

/** A key that a command brings along; refuses one that is malformed or taken. */
export function given(key: string, taken: Taken): string {
  if (!KEY.test(key)) throw new CommandError(`“${key}” cannot be a key. A key is a lower-case letter followed by lower-case letters, digits and _.`, "text.key");
  if (holds(taken, key)) throw new CommandError(`The key “${key}” is taken. Leave the key out to get a free one.`, "path.taken");
  return key;
}
