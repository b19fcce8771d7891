// The twin run in a few lines: what the chip's run has to do with the ideal one (studio/backends/verify.py).

type Row = { [name: string]: unknown };

export interface Twin {
  verdict: string;
  rates: { path: string; ideal: string; chip: string }[];
  task: string;
}

export function twinOf(comparison: Row | null): Twin | null {
  if (!comparison) return null;
  const replayed = row(comparison["replayed"]);
  const failures = list(comparison["failures"]).map(String);
  const exact = replayed["exact"] === true ? "The artefact, read back and executed, agrees exactly with the emulator." : replayed["exact"] === false ? String(replayed["difference"]) : "There is no artefact to read back: the emulator alone was run.";
  const populations = Object.entries(row(comparison["populations"])).map(([path, said]) => {
    const [ideal, chip] = list(row(said)["rate"]);
    return { path, ideal: rate(ideal), chip: rate(chip) };
  });
  const task = comparison["task"] ? row(comparison["task"]) : null;
  return {
    verdict: [exact, ...failures].join(" "),
    rates: populations,
    task: task ? `Accuracy ${percent(task["ideal"])} ideal, ${percent(task["chip"])} on the chip, ${String(task["n"])} patterns.` : "",
  };
}

const row = (value: unknown): Row => (typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Row) : {});
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const rate = (value: unknown): string => (typeof value === "number" ? `${value >= 100 ? value.toFixed(0) : value.toFixed(2)} Hz` : "–");
const percent = (value: unknown): string => (typeof value === "number" ? `${(100 * value).toFixed(1)} %` : "–");
