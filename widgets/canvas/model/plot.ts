// A response panel in pixels: round ticks, ranges, paths. The same choices as studio/views/response/axes.py.

import type { ResponseCurve, ResponsePanel } from "../../core/questions";

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Round numbers from `low` to `high`, about `wanted` of them. */
export function ticks(low: number, high: number, wanted = 4): number[] {
  const span = high - low;
  if (!(span > 0)) return [low];
  const rough = span / wanted;
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((k) => size * k).find((s) => s >= rough * 0.999)!;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, k) => (first + k) * step);
}

export function tickText(value: number): string {
  if (Math.abs(value) < 1e-12) return "0";
  const size = Math.abs(value);
  const text = size >= 1e-3 && size < 1e5 ? String(Number(value.toPrecision(6))) : Number(value.toPrecision(4)).toExponential().replace("e+", "e");
  return text.replaceAll("-", "−");
}

export interface Scale {
  x(value: number): number;
  y(value: number): number;
  xTicks: number[];
  yTicks: number[];
  /** Zero lies inside, away from the edges. */
  zero: boolean;
}

export function scaleOf(panel: ResponsePanel, box: Box): Scale {
  const log = (v: number): number => (panel.log_x ? Math.log10(v) : v);
  const xs = panel.curves.flatMap((curve) => curve.x).map(log);
  const ys = panel.curves.flatMap((curve) => curve.y);
  let [left, right] = [Math.min(...xs), Math.max(...xs)];
  if (!(right > left)) right = left + 1;
  let [low, high] = [Math.min(...ys), Math.max(...ys)];
  const pad = 0.06 * (high - low) || 0.5 * Math.abs(high) || 1;
  const fromZero = low >= 0 && low < 0.3 * high;
  [low, high] = [fromZero ? 0 : low - pad, high + pad];
  const decades = ticks(left, right, 5).filter((k) => Number.isInteger(k));
  return {
    x: (value) => box.left + ((log(value) - left) / (right - left)) * (box.right - box.left),
    y: (value) => box.bottom - ((value - low) / (high - low)) * (box.bottom - box.top),
    xTicks: panel.log_x ? decades.map((k) => 10 ** k) : ticks(left, right, 4),
    yTicks: ticks(low, high, 4),
    zero: low < 0 && high > 0,
  };
}

const short = (value: number): string => String(Math.round(value * 10) / 10);

export function pathOf(curve: ResponseCurve, scale: Scale): string {
  if (curve.form === "ticks") return curve.x.map((x) => `M${short(scale.x(x))} ${short(scale.y(curve.y[0] ?? 0))}V${short(scale.y(curve.y[1] ?? 0))}`).join("");
  if (curve.form === "dots") return curve.x.map((x, k) => `M${short(scale.x(x) - 1.25)} ${short(scale.y(curve.y[k]!) - 1.25)}h2.5v2.5h-2.5z`).join("");
  return curve.x.map((x, k) => `${k ? "L" : "M"}${short(scale.x(x))} ${short(scale.y(curve.y[k]!))}`).join("");
}

/** The looks of the curves: a colour and a dash for those in front, grey for the others. */
export function looksOf(curves: readonly ResponseCurve[]): string[] {
  let front = 0;
  return curves.map((curve) => {
    if (curve.form === "ticks") return "strokes";
    if (curve.form === "dots") return "dots";
    if (curve.quiet) return "behind";
    const look = `front${front % 4}`;
    if (curve.label) front += 1;
    return look;
  });
}

/** The y of a line at x, between its points; null outside. */
export function valueAt(curve: ResponseCurve, x: number): number | null {
  const k = curve.x.findIndex((own) => own >= x);
  if (k < 0 || (k === 0 && curve.x[0]! > x)) return null;
  if (k === 0) return curve.y[0]!;
  const [a, b] = [curve.x[k - 1]!, curve.x[k]!];
  return b === a ? curve.y[k]! : curve.y[k - 1]! + ((x - a) / (b - a)) * (curve.y[k]! - curve.y[k - 1]!);
}
