// What an edit can say. Every command resolves to a JSON Patch and its inverse (edit.ts), as in studio/network/edit.

import type { Node, Port, Projection } from "./document";

export interface Point {
  x: number;
  y: number;
}

export type Command =
  | { type: "add_node"; circuit: string; key?: string; node: Node; at?: Point }
  | { type: "remove"; circuit: string; nodes?: string[]; projections?: string[] }
  | { type: "connect"; circuit: string; key?: string; projection: Projection }
  | { type: "set"; path: string; value: unknown; label?: string }
  | { type: "unset"; path: string; label?: string }
  | { type: "rename"; circuit: string; node: string; name: string }
  | { type: "move"; circuit: string; positions: { [node: string]: Point } }
  | { type: "group"; circuit: string; nodes: string[]; name: string }
  | { type: "ungroup"; circuit: string; node: string }
  | { type: "duplicate"; circuit: string; nodes: string[] }
  | { type: "add_circuit"; key?: string; name: string }
  | { type: "add_port"; circuit: string; key: string; port: Port }
  | { type: "remove_port"; circuit: string; key: string }
  | { type: "batch"; commands: Command[]; label: string };

export interface PatchStep {
  op: "add" | "remove" | "replace" | "move" | "copy" | "test";
  path: string;
  from?: string;
  value?: unknown;
}
export type Patch = PatchStep[];

/** A resolved command: apply `patch` to do it, `inverse` to take it back; `label` is what undo shows. */
export interface Edit {
  patch: Patch;
  inverse: Patch;
  label: string;
}

/** Raised for a command that makes no sense here (an unknown circuit, a key that is taken); the message is for people. */
export class CommandError extends Error {}


