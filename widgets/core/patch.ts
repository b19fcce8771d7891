// JSON Pointers (RFC 6901), and applying a JSON Patch (RFC 6902) without changing what it is applied to.

import { compileJSONPointer, immutableJSONPatch, parseJSONPointer, type JSONPatchDocument } from "immutable-json-patch";

import { CommandError, type Patch } from "./command";

export type Tokens = string[];

export const pointer = (...parts: (string | number)[]): string => compileJSONPointer(parts.map(String));

/** The parts of a pointer; refuses one that does not begin with `/`. */
export function tokensOf(text: string): Tokens {
  if (typeof text !== "string" || !text.startsWith("/")) throw new CommandError(`“${text}” is not a JSON Pointer below the document. Write it like /circuits/main/nodes/exc/size.`, "path.pointer");
  const tokens = parseJSONPointer(text);
  if (tokens.includes("__proto__")) throw new CommandError("“__proto__” is not a key of a document.", "path.pointer");
  return tokens;
}

/** The document after `patch`; raises CommandError (path.patch) where a step does not fit. */
export function applyPatch<T>(document: T, patch: Patch): T {
  try {
    return immutableJSONPatch<T, T>(document, patch as JSONPatchDocument);
  } catch (error) {
    throw new CommandError(`The change does not fit the document: ${error instanceof Error ? error.message : String(error)}.`, "path.patch");
  }
}
