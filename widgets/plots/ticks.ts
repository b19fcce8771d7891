// Where an axis has its marks and what stands beside them.

export interface Tick {
  value: number;
  label: string;
}

/** The next of 1, 2, 5 x 10^n at or above `rough`. */
export function niceStep(rough: number): number {
  if (!(rough > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const lead = rough / power;
  return power * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10);
}

/** Marks at round values within [low, high], about `count` of them. */
export function ticks(low: number, high: number, count: number): Tick[] {
  if (!(high > low)) return [];
  const step = niceStep((high - low) / Math.max(count, 1));
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, k) => {
    const value = (first + k) * step;
    return { value, label: (value === 0 ? 0 : value).toFixed(Math.min(digits, 10)).replace("-", "−") };
  });
}

/** Marks of a time axis [ms]; labels are in seconds where the span asks for it. */
export function timeTicks(start: number, end: number, count: number): { ticks: Tick[]; unit: "ms" | "s" } {
  const seconds = niceStep((end - start) / Math.max(count, 1)) >= 500 || start >= 20_000;
  const scale = seconds ? 1000 : 1;
  const found = ticks(start / scale, end / scale, count).map(({ value, label }) => ({ value: value * scale, label }));
  return { ticks: found, unit: seconds ? "s" : "ms" };
}

/** A time as people read it: `12.3 ms`, `1.204 s`, `27.8 h`. */
export function showTime(ms: number): string {
  if (Math.abs(ms) >= 7_200_000) return `${Number((ms / 3_600_000).toFixed(1))} h`;
  return Math.abs(ms) < 1000 ? `${Number(ms.toFixed(2))} ms` : `${Number((ms / 1000).toFixed(3))} s`;
}
