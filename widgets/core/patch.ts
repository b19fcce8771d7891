// JSON Pointers (RFC 6901), and JSON Patches (RFC 6902; add, remove, replace) applied without changing what they are applied to: what a patch
// does not touch stays the same object. Our own, as immutable-json-patch lets steps pass that do not fit, and the others change their input.

import { CommandError, type Patch, type PatchStep } from "./command";

export type Tokens = string[];

export const pointer = (...parts: (string | number)[]): string => parts.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");

/** The parts of a pointer below the document; refuses one that does not begin with `/`. */
export function tokensOf(text: string): Tokens {
  if (typeof text !== "string" || !text.startsWith("/")) throw new CommandError(`“${text}” is not a JSON Pointer below the document. Write it like /circuits/main/nodes/exc/size.`, "path.pointer");
  const tokens = text.slice(1).split("/").map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
  if (tokens.includes("__proto__")) throw new CommandError("“__proto__” is not a key of a document.", "path.pointer");
  return tokens;
}

/** The document after `patch`; raises CommandError (path.patch) where a step does not fit. */
export function applyPatch<T>(document: T, patch: Patch): T {
  return patch.reduce<unknown>((value, step) => (step.path === "" && step.op !== "remove" ? step.value : changed(value, tokensOf(step.path), step)), document) as T;
}

function changed(value: unknown, tokens: Tokens, step: PatchStep): unknown {
  const [token, ...rest] = tokens as [string, ...Tokens];
  const last = rest.length === 0;
  if (Array.isArray(value)) return changedList(value, token, rest, step);
  if (typeof value !== "object" || value === null) throw unfit(step);
  const table = value as Record<string, unknown>;
  if (!Object.hasOwn(table, token) && !(last && step.op === "add")) throw unfit(step);
  if (!last) return { ...table, [token]: changed(table[token], rest, step) };
  if (step.op !== "remove") return { ...table, [token]: valueOf(step) };
  const { [token]: _, ...left } = table;
  return left;
}

function changedList(list: unknown[], token: string, rest: Tokens, step: PatchStep): unknown[] {
  const inserts = rest.length === 0 && step.op === "add";
  const index = token === "-" && inserts ? list.length : /^(0|[1-9]\d*)$/.test(token) ? Number(token) : Infinity;
  if (index >= list.length + (inserts ? 1 : 0)) throw unfit(step);
  if (rest.length) return list.with(index, changed(list[index], rest, step));
  if (step.op === "remove") return list.toSpliced(index, 1);
  return inserts ? list.toSpliced(index, 0, valueOf(step)) : list.with(index, valueOf(step));
}

function valueOf(step: PatchStep): unknown {
  if (step.value === undefined) throw unfit(step);
  return step.value;
}

function unfit({ op, path }: PatchStep): CommandError {
  return new CommandError(`The change does not fit the document: “${path}” cannot be changed by “${op}”.`, "path.patch");
}
