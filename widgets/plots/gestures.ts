// Moving through time with wheel, drag, pinch and keys, and pointing at it.

import type { TimeView } from "./time-view";
import type { Box } from "./figure";

export interface Stage {
  element: HTMLElement;
  view: TimeView;
  /** Where the plot's inside is, in CSS px of the element. */
  box(): Box;
  /** Vertical zoom and pan, where the plot has them; heights are from 0 (top) to 1 of what is shown. */
  vertical?: { zoom(factor: number, at: number): void; pan(by: number): void; fit(): void };
  /** The pointer is here (CSS px of the element), or left. */
  hover(at: { x: number; y: number } | null): void;
}

type Listen = <K extends keyof HTMLElementEventMap>(type: K, listener: (event: HTMLElementEventMap[K]) => void) => void;

const WHEEL = 0.0015;

/** Wheel: zoom time, with Shift pan, with Alt zoom rows. Drag: pan. Double click, 0: fit. Arrows pan, + and - zoom. */
export function addGestures(stage: Stage, listen: Listen): void {
  const { element, view, vertical } = stage;
  const place = (event: MouseEvent): { x: number; y: number } => {
    const { left, top } = element.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };
  const timeAt = (x: number): number => view.start + ((x - stage.box().x) / stage.box().width) * view.span;
  const heightAt = (y: number): number => (y - stage.box().y) / stage.box().height;

  listen("wheel", (event) => {
    event.preventDefault();
    const at = place(event);
    const delta = event.deltaMode === 1 ? event.deltaY * 16 : event.deltaY;
    const sideways = event.deltaX + (event.shiftKey && event.deltaX === 0 ? delta : 0);
    if (sideways !== 0 && Math.abs(sideways) >= Math.abs(event.shiftKey ? 0 : delta)) view.pan((sideways / stage.box().width) * view.span);
    else if (event.altKey && vertical) vertical.zoom(Math.exp(delta * WHEEL), heightAt(at.y));
    else view.zoom(Math.exp(delta * WHEEL * (event.ctrlKey ? 4 : 1)), timeAt(at.x));
  });

  let held: { x: number; y: number } | null = null;
  listen("pointerdown", (event) => {
    if (event.button !== 0) return;
    held = place(event);
    element.setPointerCapture(event.pointerId);
  });
  listen("pointermove", (event) => {
    const at = place(event);
    if (held) {
      view.pan(((held.x - at.x) / stage.box().width) * view.span);
      vertical?.pan((held.y - at.y) / stage.box().height);
      held = at;
      element.style.cursor = "grabbing";
    }
    stage.hover(at);
    view.point(inside(stage.box(), at) ? timeAt(at.x) : null);
  });
  const release = (): void => {
    held = null;
    element.style.cursor = "crosshair";
  };
  listen("pointerup", release);
  listen("pointercancel", release);
  listen("pointerleave", () => {
    stage.hover(null);
    view.point(null);
  });
  listen("dblclick", () => {
    view.fit();
    vertical?.fit();
  });
  listen("keydown", (event) => {
    const middle = view.cursor ?? (view.start + view.end) / 2;
    const keys: { [key: string]: () => void } = {
      ArrowLeft: () => view.pan(-view.span / 8),
      ArrowRight: () => view.pan(view.span / 8),
      ArrowUp: () => vertical?.pan(-1 / 8),
      ArrowDown: () => vertical?.pan(1 / 8),
      "+": () => view.zoom(1 / 1.5, middle),
      "=": () => view.zoom(1 / 1.5, middle),
      "-": () => view.zoom(1.5, middle),
      "0": () => (view.fit(), vertical?.fit()),
    };
    const act = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key];
    if (!act) return;
    act();
    event.preventDefault();
    event.stopPropagation();
  });
}

export const inside = (box: Box, { x, y }: { x: number; y: number }): boolean => x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height;
