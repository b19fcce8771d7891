// A document's own models as entries of the catalogue, where there is no Python to make them: names, units, bounds and defaults, no formulas.

import { withOwn, type Catalogue, type Entry, type Kind, type ParamEntry, type StateEntry } from "./catalogue";

type Row = { [field: string]: unknown };

/** The catalogue with a `models` section; what cannot be read there is passed over. */
export function withModels(catalogue: Catalogue, models: { [key: string]: unknown } | undefined): Catalogue {
  const own = Object.entries(models ?? {}).flatMap(([key, body]) => entryFrom(key, body) ?? []);
  return own.length || catalogue.entries.some((entry) => entry.own) ? withOwn(catalogue, own) : catalogue;
}

const KINDS: readonly string[] = ["neuron", "kinetics", "plasticity", "device"];

function entryFrom(key: string, body: unknown): Entry | null {
  if (!isRow(body) || typeof body["kind"] !== "string" || !KINDS.includes(body["kind"])) return null;
  const text = (field: string, standard = ""): string => (typeof body[field] === "string" ? body[field] : standard);
  return {
    kind: body["kind"] as Kind,
    key,
    title: text("title", key),
    doc: text("doc", "A model of this document."),
    source: text("source", "This document."),
    limits: text("limits"),
    params: rows(body["params"], "default").map(([name, row]) => paramFrom(name, row)),
    states: rows(body["states"], "start").map(([name, row]) => stateFrom(name, row)),
    own: true,
    plastic: true,
    weight_unit: text("weight_unit", "nA"),
    sign: text("sign") === "nonnegative" ? "nonnegative" : "signed",
  };
}

function paramFrom(name: string, row: Row): ParamEntry {
  const number = (field: string): number | null => (typeof row[field] === "number" ? row[field] : null);
  return {
    name,
    default: number("default") ?? (typeof row["default"] === "string" ? row["default"] : null),
    unit: textOf(row["unit"]),
    doc: textOf(row["doc"]),
    low: number("low"),
    high: number("high"),
    low_open: row["low_open"] === true,
    high_open: row["high_open"] === true,
    integer: row["integer"] === true,
    role: textOf(row["role"]),
    kind: row["kind"] === "word" ? "word" : "number",
    choices: Array.isArray(row["choices"]) ? row["choices"].map(String) : [],
    shared: row["shared"] === true,
    advanced: row["advanced"] === true,
  };
}

const stateFrom = (name: string, row: Row): StateEntry => ({ name, unit: textOf(row["unit"]), doc: textOf(row["doc"]), role: textOf(row["role"]), start: textOf(row["start"]) });

/** A table by name or as a list; a bare value stands for `field`. */
function rows(given: unknown, field: string): [string, Row][] {
  if (Array.isArray(given)) return given.filter(isRow).map((row) => [textOf(row["name"]), row]);
  return isRow(given) ? Object.entries(given).map(([name, row]) => [name, isRow(row) ? row : { [field]: row }]) : [];
}

const isRow = (value: unknown): value is Row => typeof value === "object" && value !== null && !Array.isArray(value);
const textOf = (value: unknown): string => (typeof value === "string" ? value : typeof value === "number" ? String(value) : "");
