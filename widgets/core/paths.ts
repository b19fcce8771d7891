// Paths: where something stands, by keys from the main circuit inwards (`cols[1].exc.tau_m`). The same grammar as studio/network/paths.

import { CommandError } from "./command";

/** One key and what is chosen of it, as written (`exc`, `[0:100]`); `key` is empty only at the start of an override. */
export interface Step {
  key: string;
  /** With its brackets; empty: everything. */
  index: string;
}
export type Path = Step[];

const STEP = /([A-Za-z_][A-Za-z0-9_]*)?(?:\[([^[\]]*)\])?/y;
const INDEX = /^\s*(?:\*|\d{1,15}|(-?\d{1,15})?\s*:\s*(-?\d{1,15})?\s*(?::\s*(-?\d{1,15})?)?)\s*$/;

/** Reads a path; raises CommandError (path.syntax) where it is malformed. */
export function parsePath(text: string): Path {
  const steps: Path = [];
  for (let position = 0; ; position += 1) {
    STEP.lastIndex = position;
    const match = STEP.exec(text);
    const [whole = "", key = "", index] = match ?? [];
    if (!key && (steps.length || index === undefined)) throw malformed(text, position < text.length || !text ? "a name is missing" : "it ends with a point");
    steps.push({ key, index: index === undefined ? "" : canonicalIndex(index, text) });
    position += whole.length;
    if (position === text.length) return steps;
    if (text[position] !== ".") throw malformed(text, `“${text[position]}” is not expected at column ${position + 1}`);
  }
}

export function showPath(path: Path): string {
  return path.map((step) => step.key + step.index).join(".");
}

/** The path, or null where it cannot be read. */
export function tryPath(text: unknown): Path | null {
  try {
    return typeof text === "string" ? parsePath(text) : null;
  } catch (error) {
    if (error instanceof CommandError) return null;
    throw error;
  }
}

/** The node that an end of a projection names: `cols` of `cols[1].thalamus`. */
export const headOf = (end: string): string => parsePath(end)[0]!.key;

/** Whether the step means the copy with this number. */
export function takes(step: Step, copy: number): boolean {
  if (!step.index) return true;
  const parts = step.index.slice(1, -1).split(",");
  if (parts.length > 1) return false;
  const chosen = parts[0]!.trim();
  if (chosen === "*") return true;
  if (!chosen.includes(":")) return Number(chosen) === copy;
  const [start, stop, by] = chosen.split(":").map((part) => (part.trim() ? Number(part) : null));
  return inSlice(copy, start ?? null, stop ?? null, by ?? 1);
}

/** Whether a number is in range(2**31)[start:stop:by]. */
function inSlice(n: number, start: number | null, stop: number | null, by: number): boolean {
  const length = 2 ** 31;
  const at = (bound: number): number => (bound < 0 ? bound + length : bound);
  if (by > 0) {
    const first = Math.max(start === null ? 0 : at(start), 0);
    return n >= first && n < (stop === null ? length : at(stop)) && (n - first) % by === 0;
  }
  const first = Math.min(start === null ? length - 1 : at(start), length - 1);
  return n <= first && n > (stop === null ? -1 : at(stop)) && (first - n) % -by === 0;
}

function canonicalIndex(index: string, text: string): string {
  const parts = index.split(",").map((part) => {
    const match = INDEX.exec(part);
    if (!match) throw malformed(text, `“${part.trim()}” is neither a number, a slice nor *`);
    if (match[3] !== undefined && Number(match[3]) === 0) throw malformed(text, "a slice cannot have step 0");
    if (!part.includes(":")) return part.trim() === "*" ? "*" : String(Number(part));
    const [start, stop, by] = match.slice(1).map((bound) => (bound === undefined ? "" : String(Number(bound))));
    return `${start}:${stop}${by ? `:${by}` : ""}`;
  });
  return `[${parts.join(", ")}]`;
}

function malformed(text: string, why: string): CommandError {
  return new CommandError(`“${text.slice(0, 100)}” is not a path: ${why}. A path looks like exc, cols[1].exc.tau_m or exc[0:100].`, "path.syntax");
}
