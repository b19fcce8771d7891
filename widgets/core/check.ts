// Light checks for a host without Python: unknown models, bounds, missing ends. Python's own findings replace them where it is present.

import { entryOf, type Catalogue, type Entry, type ParamEntry } from "./catalogue";
import { nodeKey, type Circuit, type Document, type Finding, type Node, type Value } from "./document";
import { inUnit } from "./units";

const error = (code: string, where: string, text: string, fix = ""): Finding => ({ code, severity: "error", where, text, fix });

export function check(document: Document, catalogue: Catalogue): Finding[] {
  return Object.entries(document.circuits).flatMap(([key, circuit]) => checkCircuit(document, catalogue, key, circuit));
}

function checkCircuit(document: Document, catalogue: Catalogue, key: string, circuit: Circuit): Finding[] {
  const prefix = key === document.main ? "" : `${key}:`;
  const found: Finding[] = [];
  for (const [own, node] of Object.entries(circuit.nodes)) found.push(...checkNode(document, catalogue, prefix + own, node));
  for (const [own, p] of Object.entries(circuit.projections))
    for (const end of [p.from, p.to])
      if (!Object.hasOwn(circuit.nodes, nodeKey(end))) found.push(error("path.unknown", prefix + own, `The projection ${own} ends at “${end}”, which does not exist.`, "Connect it again or remove it."));
  return found;
}

function checkNode(document: Document, catalogue: Catalogue, where: string, node: Node): Finding[] {
  if (node.kind === "instance")
    return Object.hasOwn(document.circuits, node.of) ? [] : [error("path.unknown", where, `“${node.name}” is made of the circuit “${node.of}”, which does not exist.`)];
  const found: Finding[] = [];
  if (!Number.isInteger(node.size) || node.size < 1) found.push(error("size.count", `${where}.size`, `“${node.name}” has size ${node.size}; a whole number of at least 1 is needed.`));
  if (document.models && Object.hasOwn(document.models, node.model)) return found;
  const entry = entryOf(catalogue, node.kind === "source" ? "source" : "neuron", node.model);
  if (!entry) {
    if (catalogue.entries.length) found.push(error("path.model", `${where}.model`, `There is no model “${node.model}”.`));
    return found;
  }
  return [...found, ...checkParams(catalogue, entry, where, node.params ?? {})];
}

function checkParams(catalogue: Catalogue, entry: Entry, where: string, params: { [name: string]: Value }): Finding[] {
  return Object.entries(params).flatMap(([name, value]) => {
    const param = entry.params.find((p) => p.name === name);
    if (!param) return [error("path.parameter", `${where}.${name}`, `${entry.title} has no parameter “${name}”.`, "Remove it.")];
    const fault = faultOf(catalogue, param, value);
    return fault ? [error("bounds.value", `${where}.${name}`, fault)] : [];
  });
}

/** A sentence saying what is wrong with a value typed for `param`; empty when nothing is. */
export function faultOf(catalogue: Catalogue, param: ParamEntry, value: Value): string {
  if (typeof value !== "number" && !(typeof value === "object" && value !== null && "value" in value)) return "";
  const plain = inUnit(catalogue, value, param.unit);
  if (plain === null) return `${param.name} is given in ${(value as { unit: string }).unit}, which cannot be turned into ${param.unit || "a plain number"}.`;
  const low = param.low !== null && (plain < param.low || (param.low_open && plain === param.low));
  const high = param.high !== null && (plain > param.high || (param.high_open && plain === param.high));
  const unit = param.unit ? ` ${param.unit}` : "";
  if (low || high) return `${param.name} is ${plain}${unit}; it must be ${rangeOf(param)}.`;
  if (param.integer && !Number.isInteger(plain)) return `${param.name} is ${plain}; it must be a whole number.`;
  return "";
}

/** The allowed range in words: `above 0 ms`, `from 0 to 1`, `at most 5 mV`. */
export function rangeOf(param: ParamEntry): string {
  const unit = param.unit ? ` ${param.unit}` : "";
  const low = param.low === null ? "" : `${param.low_open ? "above" : "at least"} ${param.low}`;
  const high = param.high === null ? "" : `${param.high_open ? "below" : "at most"} ${param.high}`;
  return (low && high ? `${low} and ${high}` : low || high || "any number") + (low || high ? unit : "");
}
