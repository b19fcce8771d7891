// What an edit can say. Every command resolves to a JSON Patch and its inverse (core/edit), as in studio/network/edit.

import type { Place, Port, Projection, WrittenNode } from "./document";

export interface Point {
  x: number;
  y: number;
}

/** `label` is what undo shows; each command has one of its own where it is left out. */
export type Command = { label?: string } & (
  | { command: "add_node"; circuit: string; key?: string; node: WrittenNode; at?: Place }
  | { command: "remove"; circuit: string; nodes?: string[]; projections?: string[] }
  | { command: "connect"; circuit: string; key?: string; projection: Projection }
  | { command: "set"; path: string; value: unknown }
  | { command: "unset"; path: string }
  | { command: "rename"; circuit: string; node?: string; name: string }
  | { command: "move"; circuit: string; positions: { [node: string]: Point } }
  | { command: "group"; circuit: string; nodes: string[]; name: string }
  | { command: "ungroup"; circuit: string; node: string }
  | { command: "duplicate"; circuit: string; nodes: string[] }
  | { command: "add_circuit"; key?: string; name: string }
  | { command: "remove_circuit"; key: string }
  | { command: "add_port"; circuit: string; key: string; port: Port }
  | { command: "remove_port"; circuit: string; key: string }
  | { command: "batch"; commands: Command[] }
);
export type CommandName = Command["command"];
export type CommandOf<N extends CommandName> = Extract<Command, { command: N }>;

export interface PatchStep {
  op: "add" | "remove" | "replace";
  path: string;
  value?: unknown;
}
export type Patch = PatchStep[];

/** A resolved command: apply `patch` to do it, `inverse` to take it back; `label` is what undo shows. */
export interface Edit {
  patch: Patch;
  inverse: Patch;
  label: string;
  /** Edits of one gesture that follow each other are one step of undo. */
  gesture?: string;
}

/** Raised for a command that makes no sense here (an unknown circuit, a key that is taken); the message is for people. */
export class CommandError extends Error {
  constructor(
    message: string,
    /** The code of the finding that Python gives for the same reason. */
    readonly code = "text.command",
  ) {
    super(message);
  }
}
