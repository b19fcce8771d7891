// Values as the document keeps them (a number, a quantity, a distribution, a reference) and as people read and type them.

import type { Catalogue, ParamEntry } from "../../core/catalogue";
import type { Value } from "../../core/document";
import { convert, showUnit } from "../../core/units";

export type Form = "fixed" | "normal" | "uniform" | "lognormal" | "data" | "word" | "unset";

/** A value taken apart for a form: its shape, the numbers in it, and the unit they are in. */
export interface Parts {
  form: Form;
  numbers: number[];
  unit: string;
  text: string;
  min?: number | null;
  max?: number | null;
}

export function partsOf(value: Value | null | undefined, ownUnit: string): Parts {
  const parts = (form: Form, numbers: number[], unit = ownUnit, text = ""): Parts => ({ form, numbers, unit, text });
  if (value === undefined || value === null) return parts("unset", []);
  if (typeof value === "number") return parts("fixed", [value]);
  if (typeof value === "string" || typeof value === "boolean") return parts("word", [], "", String(value));
  if ("data" in value) return parts("data", [], ownUnit, value.data);
  if ("value" in value) return parts("fixed", [value.value], value.unit ?? ownUnit);
  const limits = { min: value.min, max: value.max };
  if ("normal" in value) return { ...parts("normal", [...value.normal], value.unit ?? ownUnit), ...limits };
  if ("uniform" in value) return { ...parts("uniform", [...value.uniform], value.unit ?? ownUnit), ...limits };
  return { ...parts("lognormal", [...value.lognormal], value.unit ?? ownUnit), ...limits };
}

/** The same numbers in another unit of the same quantity; as they are where there is no way between the two. */
export function inUnit(catalogue: Catalogue, parts: Parts, unit: string): Parts {
  if (unit === parts.unit) return parts;
  const to = (value: number): number => convert(catalogue, value, parts.unit, unit) ?? value;
  const limit = (value: number | null | undefined): number | null => (value == null ? null : to(value));
  return { ...parts, unit, numbers: parts.form === "lognormal" ? parts.numbers.map((x, k) => (k === 0 ? x + Math.log(to(1)) : x)) : parts.numbers.map(to), min: limit(parts.min), max: limit(parts.max) };
}

/** The shortest text that reads back as the same number, with a proper exponent where it is long. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e7)) return value.toExponential().replace("e+", "e");
  return String(Number(value.toPrecision(12)));
}

/** A time of many digits in the largest of s, min, h that leaves it a short number; others stay as they are written. */
export function readableTime(catalogue: Catalogue, value: number, unit: string): { value: number; unit: string } {
  if (Math.abs(value) < 1e5) return { value, unit };
  const found = ["h", "min", "s"].map((to) => ({ value: convert(catalogue, value, unit, to) ?? 0, unit: to }));
  const short = (given: number): boolean => Math.abs(given) >= 1 && given === Number(given.toPrecision(4));
  return found.find((one) => short(one.value)) ?? found.find((one) => Math.abs(one.value) >= 1) ?? { value, unit };
}

/** A short reading for labels: three or four digits, a real minus sign, thousands set apart. */
export function shortNumber(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6) return `${minus(String(Number((value / 1e6).toPrecision(3))))} M`;
  if (size >= 10000) return minus(Math.round(value).toLocaleString("en").replaceAll(",", "\u2009"));
  if (size !== 0 && size < 1e-3) return minus(value.toExponential(1));
  return minus(String(Number(value.toPrecision(4))));
}

const minus = (text: string): string => text.replace("-", "\u2212");

/** One line: “20 ms”, “−50 ± 1.5 mV”, “1 to 3 ms”. */
export function valueText(value: Value | null | undefined, ownUnit: string): string {
  const { form, numbers, unit, text } = partsOf(value, ownUnit);
  const after = unit ? `\u202f${showUnit(unit)}` : "";
  const [a = 0, b = 0] = numbers.map(shortNumber);
  if (form === "fixed") return `${a}${after}`;
  if (form === "normal") return `${a} ± ${b}${after}`;
  if (form === "uniform") return `${a} to ${b}${after}`;
  if (form === "lognormal") return `lognormal ${a}, ${b}${after}`;
  return form === "unset" ? "not set" : text;
}

/** What a person typed: a number, perhaps with a unit; null when it is neither. */
export function readTyped(text: string): { value: number; unit: string } | null {
  const match = /^\s*([-+\u2212]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)\s*([^\d\s.].*)?$/i.exec(text.replace(",", "."));
  if (!match) return null;
  const unit = (match[2] ?? "").trim().replace(/[µμ]/g, "u").replace(/Ω|ohm/g, "Ohm");
  return { value: Number(match[1]!.replace("\u2212", "-")), unit };
}

export type Bounds = Pick<ParamEntry, "low" | "high" | "low_open" | "high_open" | "integer" | "unit">;

/** “above 0 ms”, “0 to 1”, “at least 1, whole”; empty when everything is allowed. */
export function boundsText(bounds: Bounds): string {
  const unit = bounds.unit ? ` ${showUnit(bounds.unit)}` : "";
  const { low, high } = bounds;
  const whole = bounds.integer ? ", a whole number" : "";
  if (low !== null && high !== null) {
    const open = [bounds.low_open ? `${shortNumber(low)} excluded` : "", bounds.high_open ? `${shortNumber(high)} excluded` : ""].filter(Boolean);
    return `${shortNumber(low)} to ${shortNumber(high)}${unit}${open.length ? ` (${open.join(", ")})` : ""}${whole}`;
  }
  if (low !== null) return `${bounds.low_open ? "above" : "at least"} ${shortNumber(low)}${unit}${whole}`;
  if (high !== null) return `${bounds.high_open ? "below" : "at most"} ${shortNumber(high)}${unit}${whole}`;
  return bounds.integer ? "a whole number" : "";
}

/** Whether a number in the parameter's own unit is allowed. */
export function inBounds(value: number, bounds: Bounds): boolean {
  if (!Number.isFinite(value)) return false;
  if (bounds.integer && !Number.isInteger(value)) return false;
  if (bounds.low !== null && (bounds.low_open ? value <= bounds.low : value < bounds.low)) return false;
  return bounds.high === null || (bounds.high_open ? value < bounds.high : value <= bounds.high);
}

export const FREE: Bounds = { low: null, high: null, low_open: false, high_open: false, integer: false, unit: "" };

/** A sensible step for arrows and scrubbing: one in the second digit of the value. */
export function stepOf(value: number, integer: boolean): number {
  const size = Math.abs(value);
  const step = size === 0 ? 0.1 : 10 ** (Math.floor(Math.log10(size)) - 1);
  return integer ? Math.max(1, Math.round(step)) : step;
}

/** `value + n * step`, without the dust of binary fractions. */
export function stepped(value: number, step: number, n: number): number {
  const digits = Math.max(0, -Math.floor(Math.log10(step)) + 1);
  return Number((value + n * step).toFixed(Math.min(digits, 20)));
}

/** Back to a document value: a plain number keeps being one in the own unit, anything else keeps its unit. */
export function toValue(parts: Parts, ownUnit: string): Value {
  const [a = 0, b = 0] = parts.numbers;
  const unit = parts.unit ? { unit: parts.unit } : {};
  const limits = { ...(parts.min == null ? {} : { min: parts.min }), ...(parts.max == null ? {} : { max: parts.max }) };
  if (parts.form === "normal") return { normal: [a, b], ...unit, ...limits };
  if (parts.form === "uniform") return { uniform: [a, b], ...unit, ...limits };
  if (parts.form === "lognormal") return { lognormal: [a, b], ...unit, ...limits };
  if (parts.form === "data") return { data: parts.text };
  if (parts.form === "word") return parts.text;
  return parts.unit || ownUnit ? { value: a, unit: parts.unit || ownUnit } : a;
}
