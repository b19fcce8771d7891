// JSON Patch (RFC 6902) on values that are never changed in place, and a draft that collects a patch and its inverse.

import {
  compileJSONPointer,
  existsIn,
  getIn,
  immutableJSONPatch,
  parseJSONPointer,
  revertJSONPatch,
  type JSONPatchDocument,
} from "immutable-json-patch";

import { CommandError, type Edit, type Patch, type PatchStep } from "./command";

/** The document after `patch`; raises CommandError where a step does not fit. */
export function applyPatch<T>(document: T, patch: Patch): T {
  try {
    return immutableJSONPatch<T, T>(document, patch as JSONPatchDocument);
  } catch (error) {
    throw new CommandError(`The change does not fit the document: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The patch that takes `patch` back. */
export function invert<T>(document: T, patch: Patch): Patch {
  return revertJSONPatch<T, T>(document, patch as JSONPatchDocument) as Patch;
}

export const pointer = (...parts: (string | number)[]): string => compileJSONPointer(parts.map(String));
export const parsePointer = (path: string): string[] => parseJSONPointer(path);

/** A document being edited: steps are applied one after the other and remembered with their inverses. */
export class Draft<T> {
  patch: Patch = [];
  inverse: Patch = [];

  constructor(public value: T) {}

  has(path: string): boolean {
    return existsIn(this.value, parsePointer(path));
  }

  get<V>(path: string): V | undefined {
    return this.has(path) ? (getIn<V>(this.value, parsePointer(path)) as V) : undefined;
  }

  /** Adds or replaces; missing objects on the way are made. */
  set(path: string, value: unknown): void {
    const parts = parsePointer(path);
    for (let n = 1; n < parts.length; n++) {
      const parent = pointer(...parts.slice(0, n));
      if (!this.has(parent)) this.step({ op: "add", path: parent, value: {} });
    }
    this.step({ op: this.has(path) ? "replace" : "add", path, value });
  }

  /** Removes what is there; nothing happens where nothing is. */
  remove(path: string): void {
    if (this.has(path)) this.step({ op: "remove", path });
  }

  edit(label: string): Edit {
    return { patch: this.patch, inverse: this.inverse, label };
  }

  private step(step: PatchStep): void {
    const back = invert(this.value, [step]);
    this.value = applyPatch(this.value, [step]);
    this.patch.push(step);
    this.inverse.unshift(...back);
  }
}
