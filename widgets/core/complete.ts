// A file may leave out what has a default. What the surface sees has its tables and names filled in; what is edited and sent is the file's own JSON.

import type { Circuit, Document, Node } from "./document";

/** A document as it was written: any table or name may be missing. */
export type Written = Document;

const circuits = new WeakMap<Circuit, Circuit>();

/** The document with every table, name, model and size in place. Unchanged circuits give the same object again. */
export function complete(written: Written): Document {
  const filled: { [key: string]: Circuit } = {};
  for (const [key, circuit] of Object.entries(written.circuits)) {
    let full = circuits.get(circuit);
    if (!full) circuits.set(circuit, (full = completeCircuit(circuit)));
    filled[key] = full;
  }
  return { ...written, name: written.name ?? "", main: written.main ?? "main", circuits: filled };
}

function completeCircuit(circuit: Circuit): Circuit {
  const nodes = Object.entries((circuit.nodes ?? {}) as Circuit["nodes"]).map(([key, node]): [string, Node] => [key, completeNode(key, node)]);
  return { ...circuit, nodes: Object.fromEntries(nodes), projections: circuit.projections ?? {}, ports: circuit.ports ?? {} };
}

function completeNode(key: string, node: Node): Node {
  const name = node.name || key;
  if (node.kind === "instance") return node.name === name ? node : { ...node, name };
  const model = node.model ?? (node.kind === "source" ? "poisson" : "lif");
  const size = node.size ?? 1;
  return node.name === name && node.model === model && node.size === size ? node : { ...node, name, model, size };
}
