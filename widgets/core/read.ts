// Reading a document's text without Python: what is needed to draw it safely; the full checks are Python's.

import type { Finding, Written } from "./document";

const FORMAT = "spike-studio/1";
const fault = (code: string, where: string, text: string, fix = ""): Finding => ({ code, severity: "error", where, text, fix });
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

/** The document, or null with findings that say why not. */
export function parseDocument(text: string): { document: Written | null; findings: Finding[] } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { document: null, findings: [fault("text.json", "", `The file is not JSON: ${why}.`)] };
  }
  const findings = shapeFaults(value);
  return findings.length ? { document: null, findings } : { document: value as unknown as Written, findings };
}

function shapeFaults(value: unknown): Finding[] {
  if (!isObject(value)) return [fault("text.shape", "", "The file does not hold a network: its outermost value is not an object.")];
  if (value["format"] !== FORMAT) {
    const given = String(value["format"] ?? "none");
    const newer = /^spike-studio\/([2-9]|\d\d)/.test(given);
    return [fault("text.format", "format", `The file's format is “${given}”; this studio reads “${FORMAT}”.`, newer ? "Open it with a newer Spike Studio." : "")];
  }
  const circuits = value["circuits"];
  if (!isObject(circuits)) return [fault("text.shape", "circuits", "The file has no circuits.")];
  const main = value["main"] ?? "main";
  if (typeof main !== "string" || !Object.hasOwn(circuits, main)) return [fault("path.main", "main", `The main circuit “${String(main)}” is not among the circuits.`)];
  return Object.entries(circuits).flatMap(([key, circuit]) => circuitFaults(key, circuit));
}

function circuitFaults(key: string, circuit: unknown): Finding[] {
  if (!isObject(circuit)) return [fault("text.shape", `${key}:`, `Circuit “${key}” is not an object.`)];
  const found: Finding[] = [];
  for (const part of ["nodes", "projections", "ports"]) {
    const table = circuit[part] ?? {};
    if (!isObject(table)) found.push(fault("text.shape", `${key}:`, `“${part}” of circuit “${key}” is not an object.`));
    else for (const [own, item] of Object.entries(table)) if (!isWellFormed(part, item)) found.push(fault("text.shape", `${key}:${own}`, `“${own}” in “${part}” of circuit “${key}” is not complete.`));
  }
  return found;
}

function isWellFormed(part: string, item: unknown): boolean {
  if (!isObject(item)) return false;
  if (part === "projections") return typeof item["from"] === "string" && typeof item["to"] === "string";
  if (part === "ports") return item["direction"] === "in" || item["direction"] === "out";
  if (item["kind"] === "instance") return typeof item["of"] === "string";
  const model = item["model"] ?? "";
  const size = item["size"] ?? 1;
  return (item["kind"] === "population" || item["kind"] === "source") && typeof model === "string" && typeof size === "number";
}
