// A file may leave out what has a default. The surface sees a document with its tables and names filled in; what is edited and sent is as written.

import type { Circuit, Document, Layout, Node, Written, WrittenCircuit, WrittenNode } from "./document";

const known = new WeakMap<WrittenCircuit, Circuit>();

/** The document with every table, name, model and size in place. Unchanged circuits give the same object again. */
export function complete(written: Written): Document {
  const circuits: { [key: string]: Circuit } = {};
  for (const [key, circuit] of Object.entries(written.circuits)) {
    let full = known.get(circuit);
    if (!full) known.set(circuit, (full = completeCircuit(circuit)));
    circuits[key] = full;
  }
  return { ...written, name: written.name ?? "", main: written.main ?? "main", circuits, layout: written.layout as Layout | undefined };
}

function completeCircuit(circuit: WrittenCircuit): Circuit {
  const nodes = Object.entries(circuit.nodes ?? {}).map(([key, node]) => [key, completeNode(key, node)]);
  return { ...circuit, nodes: Object.fromEntries(nodes), projections: circuit.projections ?? {}, ports: circuit.ports ?? {} };
}

function completeNode(key: string, node: WrittenNode): Node {
  const name = node.name || key;
  if (node.kind === "instance") return { ...node, name };
  if (node.kind === "source") return { ...node, name, model: node.model ?? "poisson", size: node.size ?? 1 };
  return { ...node, name, model: node.model ?? "lif", size: node.size ?? 1 };
}
