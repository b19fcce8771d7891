// The document as the front end knows it, and small questions about it. Values are never changed in place.

import type { Circuit, Document, Node } from "./generated/document";

export type * from "./generated/document";

/** One thing worth saying; `where` is a path (`cols[1].exc.tau_m`, or inside one circuit `column:exc.tau_m`). */
export interface Finding {
  code: string;
  severity: "error" | "warning" | "info";
  where: string;
  text: string;
  fix: string;
}

/** An empty document as it is written to a file: the same bytes as Python's `Document.empty`. */
export function emptyDocument(name: string): Document {
  return {
    format: "spike-studio/1",
    name,
    main: "main",
    circuits: { main: { nodes: {}, projections: {} } as unknown as Circuit },
  };
}

export function circuitOf(document: Document, key: string): Circuit | undefined {
  return Object.hasOwn(document.circuits, key) ? document.circuits[key] : undefined;
}

export function nodeOf(document: Document, circuit: string, key: string): Node | undefined {
  const nodes = circuitOf(document, circuit)?.nodes;
  return nodes && Object.hasOwn(nodes, key) ? nodes[key] : undefined;
}

/** The node's key of an endpoint: `cols` of `cols.thalamus`, `exc` of `exc`. */
export function nodeKey(endpoint: string): string {
  return endpoint.split(/[.[]/, 1)[0] ?? endpoint;
}
