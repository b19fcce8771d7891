// `connect`: a projection between two nodes, through ports where a node is an instance.

import { CommandError, type CommandOf } from "../command";
import type { WrittenNode } from "../document";
import { parsePath } from "../paths";
import { called, circuitOf, nodeOf, sorted, type Draft } from "./draft";
import { freeProjectionKey, given, takenIn } from "../keys";

/** Adds a projection whose ends exist. */
export function connect(draft: Draft, { circuit, projection, key }: CommandOf<"connect">): string {
  const inside = circuitOf(draft, circuit);
  const source = endFits(draft, circuit, projection.from, "out");
  const target = endFits(draft, circuit, projection.to, "in");
  const taken = takenIn(inside);
  draft.set(["circuits", circuit, "projections", key ? given(key, taken) : freeProjectionKey(taken)], projection);
  return `Connect ${source} to ${target}`;
}

/** What people call the node at an end; refuses an end that is not there or runs the wrong way. */
export function endFits(draft: Draft, circuit: string, end: string, direction: "in" | "out"): string {
  const steps = parsePath(end);
  const key = steps[0]!.key;
  const node = nodeOf(draft, circuit, key);
  const name = called(node, key);
  if (node.kind === "instance") portFits(draft, name, node, steps[1]?.key, direction, steps.length);
  else if (steps.length > 1) throw new CommandError(`“${key}” is a ${node.kind} and has no port “${steps[1]!.key}”. Connect “${key}” itself.`, "path.port");
  else if (node.kind === "source" && direction === "in") throw new CommandError(`“${name}” is a source; nothing can be connected to it.`, "path.target");
  return name;
}

function portFits(draft: Draft, name: string, node: Extract<WrittenNode, { kind: "instance" }>, port: string | undefined, direction: "in" | "out", length: number): void {
  const ports = draft.document.circuits[node.of]?.ports ?? {};
  const fitting = sorted(ports).filter(([, one]) => one.direction === direction).map(([key]) => key);
  if (length === 2 && port !== undefined && fitting.includes(port)) return;
  const said = port ? `has no ${direction === "in" ? "input" : "output"} port “${port}”` : "is a circuit; connect one of its ports";
  throw new CommandError(`“${name}” ${said}. ${fitting.length ? `Use ${fitting.join(", ")}.` : `Add a port to circuit “${node.of}”.`}`, "path.port");
}
