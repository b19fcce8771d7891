// The twin run in a few lines: what the chip's run has to do with the ideal one (studio/backends/verify.py).

import { shortNumber } from "../model/values";

type Row = { [name: string]: unknown };

/** A population in both runs: rates in words and as parts of the largest of all; of its spikes, which share both have, over spikes (0: equal, 1: nothing in common). */
export interface TwinRow {
  path: string;
  ideal: string;
  chip: string;
  shares: [ideal: number, chip: number];
  off: string;
  distance: string;
}

export interface Twin {
  verdict: string;
  rates: TwinRow[];
  task: string;
  raster: Raster | null;
  /** Recorded states, then learnt weights, that both runs have. */
  states: TwinState[];
}

/** A state or a projection's weights in both runs, in words, and the neuron that differs most where it is known. */
export interface TwinState {
  path: string;
  rms: string;
  range: string;
  correlation: string;
  shown: StateLines | null;
}

export interface StateLines {
  neuron: number;
  t_ms: number[];
  ideal: (number | null)[];
  chip: (number | null)[];
}

/** Both runs in one picture (studio/backends/overlay.py). `kind`: 0 both fired within `within_ms`, 1 the ideal network alone, 2 the chip alone. */
export interface Raster {
  within_ms: number;
  to_ms: number;
  bin_ms: number;
  /** How many populations there are; those in `populations` agree least. */
  of: number;
  populations: { [path: string]: RasterRows };
}

export interface RasterRows {
  neurons: number[];
  /** How many neurons fired in either run. */
  fired: number;
  row: number[];
  ms: number[];
  kind: number[];
  /** Spikes of all neurons over the whole run. */
  bins: { both: number[]; ideal: number[]; chip: number[] };
}

export function twinOf(comparison: Row | null): Twin | null {
  if (!comparison) return null;
  const replayed = row(comparison["replayed"]);
  const failures = list(comparison["failures"]).map(String);
  const exact = replayed["exact"] === true ? "The artefact, read back and executed, agrees exactly with the emulator." : replayed["exact"] === false ? String(replayed["difference"]) : "There is no artefact to read back: the emulator alone was run.";
  const said = Object.entries(row(comparison["populations"])).map(([path, one]) => ({ path, one: row(one), hz: list(row(one)["rate"]) }));
  const most = Math.max(1e-12, ...said.flatMap(({ hz }) => hz.filter((one): one is number => typeof one === "number")));
  const populations = said.map(({ path, one, hz: [ideal, chip] }): TwinRow => ({
    path,
    ideal: rate(ideal),
    chip: rate(chip),
    shares: [Number(ideal ?? 0) / most, Number(chip ?? 0) / most],
    off: percent(one["rate_error"]),
    distance: typeof one["van_rossum_spike"] === "number" ? one["van_rossum_spike"].toFixed(2) : "–",
  }));
  const raster = row(comparison["raster"]);
  const task = comparison["task"] ? row(comparison["task"]) : null;
  return {
    verdict: [exact, ...failures].join(" "),
    rates: populations,
    states: ["outputs", "learnt"].flatMap((kind) => Object.entries(row(comparison[kind])).map(([path, one]) => stateOf(path, row(one)))),
    raster: Object.keys(row(raster["populations"])).length ? (raster as unknown as Raster) : null,
    task: task ? `Accuracy ${percent(task["ideal"])} ideal, ${percent(task["chip"])} on the chip, ${String(task["n"])} patterns.` : "",
  };
}

function stateOf(path: string, one: Row): TwinState {
  const unit = one["unit"] ? `\u202f${String(one["unit"])}` : "";
  const amount = (value: unknown, after = unit): string => (typeof value === "number" ? `${shortNumber(value)}${after}` : "–");
  return { path, rms: amount(one["rms"]), range: amount(one["range"]), correlation: amount(one["correlation"], ""), shown: list(one["t_ms"]).length > 1 ? (one as unknown as StateLines) : null };
}

const row = (value: unknown): Row => (typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Row) : {});
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const rate = (value: unknown): string => (typeof value === "number" ? `${value >= 100 ? value.toFixed(0) : value.toFixed(2)} Hz` : "–");
const percent = (value: unknown): string => (typeof value === "number" ? `${(100 * value).toFixed(1)} %` : "–");
