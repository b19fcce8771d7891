// The document as the front end knows it, and small questions about it. Values are never changed in place.
//
// `Written` is a document as a file may hold it (generated from Python: whatever has a default may be missing). `Document` is complete: its
// tables, names, models and sizes are there (core/complete.ts). Edits and messages speak of the written one, the surface reads the complete one.

import type * as written from "./generated/document";

export type { Broken, Choice, Constraint, Copies, Data, DataRef, Lognormal, Normal, Offsets, Projection, Port, Quantity, Recorded, Rule, Run, Uniform, Value } from "./generated/document";
export type Written = written.Document;
export type WrittenCircuit = written.Circuit;
export type WrittenNode = written.Node;

type With<T, K extends keyof T> = T & Required<Pick<T, K>>;
type Table<V> = { [key: string]: V };

export type Values = Table<written.Value>;
/** A model by its key, and the parameters that differ from its defaults. */
export type ModelRef = written.Choice;
export type PopulationNode = With<written.Population, "name" | "model" | "size">;
export type SourceNode = With<written.Source, "name" | "model" | "size">;
export type InstanceNode = With<written.Instance, "name">;
export type Node = PopulationNode | SourceNode | InstanceNode;

export interface Circuit extends Omit<written.Circuit, "nodes"> {
  nodes: Table<Node>;
  projections: Table<written.Projection>;
  ports: Table<written.Port>;
}

/** Where a node lies on the canvas, and how it looks. */
export interface Place {
  x?: number;
  y?: number;
  folded?: boolean;
  color?: string;
}
export type Layout = Table<Table<Place>>;

export interface Document extends Omit<written.Document, "circuits" | "layout"> {
  name: string;
  main: string;
  circuits: Table<Circuit>;
  layout?: Layout;
}

/** One thing worth saying; `where` is a path (`cols[1].exc.tau_m`, or inside one circuit `column:exc.tau_m`). */
export interface Finding {
  code: string;
  severity: "error" | "warning" | "info";
  where: string;
  text: string;
  fix: string;
}

/** An empty document, the same bytes as Python's `Document.empty`. */
export function emptyDocument(name: string): Written {
  return { format: "spike-studio/1", name, main: "main", circuits: { main: { nodes: {}, projections: {} } } };
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
