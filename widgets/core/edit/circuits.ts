// `add_circuit`, `remove_circuit`, `add_port`, `remove_port`.

import { CommandError, type CommandOf } from "../command";
import { endFits } from "./connect";
import { called, circuitOf, sorted, type Draft } from "./draft";
import { given, slug, freeKey } from "../keys";
import { drop, Places } from "./references";
import { dropPort } from "./remove";

/** An empty circuit. */
export function addCircuit(draft: Draft, { name, key }: CommandOf<"add_circuit">): string {
  const taken = new Set(Object.keys(draft.document.circuits));
  const own = key ? given(key, taken) : freeKey(slug(name, "circuit"), taken);
  draft.set(["circuits", own], { name, nodes: {}, projections: {} });
  return `Add circuit ${name}`;
}

/** A circuit that nothing uses, with its layout. */
export function removeCircuit(draft: Draft, { key }: CommandOf<"remove_circuit">): string {
  const circuit = circuitOf(draft, key);
  if (key === draft.document.main) throw new CommandError(`“${key}” is the main circuit and cannot be removed.`, "path.used");
  for (const [outer, { nodes }] of sorted(draft.document.circuits))
    for (const [name, node] of sorted(nodes))
      if (node.kind === "instance" && node.of === key) throw new CommandError(`Circuit “${key}” is used by “${outer}:${name}”. Remove that first.`, "path.used");
  draft.unset(["circuits", key]);
  draft.unset(["layout", key]);
  return `Remove circuit ${called(circuit, key)}`;
}

/** A port; each node it stands for must exist and fit its direction. */
export function addPort(draft: Draft, { circuit, key, port }: CommandOf<"add_port">): string {
  const { direction } = port;
  if (direction !== "in" && direction !== "out") throw new CommandError(`The direction of a port is “in” or “out”, not “${String(direction)}”.`, "text.type");
  const own = given(key, new Set(Object.keys(circuitOf(draft, circuit).ports)));
  for (const end of port[direction === "in" ? "to" : "from"] ?? []) endFits(draft, circuit, end, direction);
  draft.set(["circuits", circuit, "ports", own], port);
  return `Add port ${own}`;
}

/** A port, and the projections and ports outside that use it. */
export function removePort(draft: Draft, { circuit, key }: CommandOf<"remove_port">): string {
  if (!Object.hasOwn(circuitOf(draft, circuit).ports, key)) throw new CommandError(`Circuit “${circuit}” has no port “${key}”.`, "path.port");
  const gone = new Places();
  dropPort(draft, circuit, key, gone);
  drop(draft, gone);
  return `Remove port ${key}`;
}
