// Commands resolved to a JSON Patch and its inverse: the same meaning, step for step, as studio/network/edit, whose first lines say what holds for
// all. tests/commands/*.json holds both to it.

import { CommandError, type Command, type CommandName, type CommandOf, type Edit } from "../command";
import type { Written } from "../document";
import { addCircuit, addPort, removeCircuit, removePort } from "./circuits";
import { connect } from "./connect";
import { Draft } from "./draft";
import { group } from "./group";
import { addNode, duplicate, move, rename } from "./nodes";
import { tokensOf, type Tokens } from "../patch";
import { remove } from "./remove";
import { ungroup } from "./ungroup";

export { applyPatch, pointer } from "../patch";

const MAX_BATCH_DEPTH = 8;

/** Each changes the draft and returns the label that undo shows. */
const COMMANDS: { [N in Exclude<CommandName, "batch">]: (draft: Draft, command: CommandOf<N>) => string } = {
  add_node: addNode,
  connect,
  remove,
  set: setField,
  unset: unsetField,
  rename,
  move,
  group,
  ungroup,
  duplicate,
  add_circuit: addCircuit,
  remove_circuit: removeCircuit,
  add_port: addPort,
  remove_port: removePort,
};

/** What `command` means for `document` (as it is written); raises CommandError in words where it cannot be done. */
export function resolve(document: Written, command: Command): Edit {
  const draft = new Draft(document);
  return draft.edit(run(draft, command, 0));
}

function run(draft: Draft, command: Command, depth: number): string {
  const label = command.command === "batch" ? batch(draft, command, depth) : one(draft, command);
  return command.label || label;
}

function one(draft: Draft, command: Exclude<Command, { command: "batch" }>): string {
  const name = command.command;
  if (!Object.hasOwn(COMMANDS, name)) throw new CommandError(`There is no command “${String(name)}”. Use one of ${Object.keys(COMMANDS).join(", ")}, batch.`);
  // the table's type says that each entry takes its own command; the compiler cannot follow that through an index
  return (COMMANDS[name] as (draft: Draft, command: Command) => string)(draft, command);
}

function batch(draft: Draft, { commands }: CommandOf<"batch">, depth: number): string {
  if (depth >= MAX_BATCH_DEPTH) throw new CommandError("Batches are nested too deeply.", "size.depth");
  const labels = commands.map((command) => run(draft, command, depth + 1));
  return labels.length === 1 ? labels[0]! : `${labels.length} changes`;
}

/** Puts a value at a pointer. */
function setField(draft: Draft, { path, value }: CommandOf<"set">): string {
  const tokens = allowed(path);
  draft.set(tokens, value);
  return `Set ${tokens.at(-1)}`;
}

/** Takes away what stands at a pointer; the default returns. */
function unsetField(draft: Draft, { path }: CommandOf<"unset">): string {
  const tokens = allowed(path);
  draft.unset(tokens);
  return `Reset ${tokens.at(-1)}`;
}

function allowed(path: string): Tokens {
  const tokens = tokensOf(path);
  if (tokens[0] === "format" || tokens[0] === "") throw new CommandError(`“/${tokens[0]}” of a document is not set by hand.`, "path.pointer");
  return tokens;
}
