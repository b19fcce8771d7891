// What plots share in drawing: time axis, value axis, notes, the cursor, and the signs of a run that is old or cut short.

import type { Box } from "./figure";
import { css, type Palette } from "./palette";
import { showTime, timeTicks, type Tick } from "./ticks";
import type { TimeView } from "./time-view";

type Context = CanvasRenderingContext2D;

/** How the run stands that a plot shows. `stale`: the network was edited since. `partial`: cancelled or failed before its end. */
export interface RunLook {
  stale: boolean;
  partial: boolean;
  running: boolean;
  /** How far spikes are known [ms]. */
  reached_ms: number;
  duration_ms: number;
}
export const NO_RUN: RunLook = { stale: false, partial: false, running: false, reached_ms: 0, duration_ms: 1000 };

/** Lower plots leave the words about the run to the one above them [CSS px]. */
const ROOMY = 90;
/** Crisp hairlines lie on half pixels. */
const crisp = (value: number): number => Math.round(value) + 0.5;
export const timeX = (box: Box, view: TimeView, ms: number): number => box.x + ((ms - view.start) / view.span) * box.width;

export function drawTimeAxis(context: Context, box: Box, view: TimeView, palette: Palette): void {
  const { ticks, unit } = timeTicks(view.start, view.end, Math.max(2, Math.floor(box.width / 64)));
  const y = box.y + box.height;
  context.strokeStyle = css(palette.strong);
  line(context, box.x, crisp(y), box.x + box.width, crisp(y));
  context.fillStyle = css(palette.quiet);
  ticks.forEach(({ value, label }, k) => {
    const x = timeX(box, view, value);
    line(context, crisp(x), y, crisp(x), y + 4);
    const text = k === ticks.length - 1 ? `${label} ${unit}` : label;
    const half = context.measureText(text).width / 2;
    context.fillText(text, Math.min(Math.max(x - half, 2), box.x + box.width + 8 - 2 * half), y + 14);
  });
}

/** Marks and faint lines for values; `at` gives their height. */
export function drawValueAxis(context: Context, box: Box, marks: Tick[], at: (value: number) => number, palette: Palette): void {
  for (const { value, label } of marks) {
    const y = crisp(at(value));
    context.strokeStyle = css(palette.line);
    line(context, box.x, y, box.x + box.width, y);
    context.fillStyle = css(palette.quiet);
    if (box.x > 40) context.fillText(label, box.x - 6 - context.measureText(label).width, y);
  }
}

export function line(context: Context, x0: number, y0: number, x1: number, y1: number): void {
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.stroke();
}

/** In the middle of an empty plot. */
export function drawEmpty(context: Context, box: Box, text: string, palette: Palette): void {
  context.fillStyle = css(palette.quiet);
  context.textAlign = "center";
  context.fillText(text, box.x + box.width / 2, box.y + box.height / 2);
  context.textAlign = "left";
}

/** Text cut to `room` with an ellipsis. */
export function cut(context: Context, text: string, room: number): string {
  if (context.measureText(text).width <= room) return text;
  let length = text.length - 1;
  while (length > 0 && context.measureText(`${text.slice(0, length)}…`).width > room) length -= 1;
  return length > 0 ? `${text.slice(0, length)}…` : "";
}

/** The time that no spike is known of is hatched; a run that is old gets a veil (its host says why); the front of a live run is a line. */
export function drawRunLook(context: Context, box: Box, view: TimeView, look: RunLook, palette: Palette): void {
  context.save();
  context.beginPath();
  context.rect(box.x, box.y, box.width, box.height);
  context.clip();
  const edge = Math.max(timeX(box, view, look.reached_ms), box.x);
  const ahead = box.x + box.width - edge;
  if (look.partial && ahead > 1) {
    hatch(context, { ...box, x: edge, width: ahead }, css(palette.strong, 0.55));
  } else if (look.running && look.duration_ms > view.end * 1.001 && box.height >= ROOMY) {
    remark(context, box, `of ${showTime(look.duration_ms)} \u2192`, Infinity, palette);
  }
  if ((look.running || look.partial) && ahead > 0.5) {
    context.strokeStyle = css(look.running ? palette.ink : palette.quiet, 0.6);
    line(context, crisp(edge), box.y, crisp(edge), box.y + box.height);
  }
  if (look.stale) {
    context.fillStyle = css(palette.surface, 0.55);
    context.fillRect(box.x, box.y, box.width, box.height);
  }
  context.restore();
}

function hatch(context: Context, box: Box, colour: string): void {
  context.save();
  context.beginPath();
  context.rect(box.x, box.y, box.width, box.height);
  context.clip();
  context.strokeStyle = colour;
  context.beginPath();
  for (let x = Math.floor((box.x - box.height) / 8) * 8; x < box.x + box.width; x += 8) {
    context.moveTo(x, box.y + box.height);
    context.lineTo(x + box.height, box.y);
  }
  context.stroke();
  context.restore();
}

/** A short remark on a plate, so that it can be read over anything. */
export function note(context: Context, box: Box, text: string, x: number, palette: Palette): void {
  const width = context.measureText(text).width + 12;
  context.fillStyle = css(palette.surface, 0.92);
  context.strokeStyle = css(palette.line);
  context.beginPath();
  context.roundRect(x, box.y + 5.5, width, 18, 3);
  context.fill();
  context.stroke();
  context.fillStyle = css(palette.ink, 0.85);
  context.fillText(text, x + 6, box.y + 15);
}

/** A note that begins at `x`, or as far right as it still fits. */
function remark(context: Context, box: Box, text: string, x: number, palette: Palette): void {
  note(context, box, text, Math.min(x, box.x + box.width - context.measureText(text).width - 16), palette);
}

/** The cursor's line in every plot that shares the view, and words beside it in the one under the pointer. */
export function drawCursor(context: Context, box: Box, view: TimeView, words: string | null, palette: Palette): void {
  if (view.cursor === null) return;
  const x = timeX(box, view, view.cursor);
  if (x < box.x || x > box.x + box.width) return;
  context.strokeStyle = css(palette.ink, 0.35);
  line(context, crisp(x), box.y, crisp(x), box.y + box.height);
  if (!words) return;
  const width = context.measureText(words).width + 12;
  note(context, box, words, x + 8 + width > box.x + box.width ? x - 8 - width : x + 8, palette);
}
