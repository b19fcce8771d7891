// Keys of the whole surface. They are heard on its root element only, so that several surfaces and the host's own keys live together.

import type { KeyboardEvent } from "react";

import { GRID } from "./graph/layout";
import { PORT } from "./graph/scene";
import { leadsTo, offenceOf } from "./meter/marks";
import { pathPattern } from "./model/places";
import type { Studio } from "./studio";
import { startRun } from "./top/startRun";

type Keys = KeyboardEvent<HTMLElement>;

/** Acts on a key, or leaves it alone: what is typed into a field belongs to the field. */
export function onKey(event: Keys, studio: Studio, zoom: { in(): void; out(): void; fit(): void }): void {
  if (event.defaultPrevented || studio.view.get().overlay) return;
  const done = withCtrl(event, studio) || (!isTyping(event) && plain(event, studio, zoom));
  if (!done) return;
  event.preventDefault();
  event.stopPropagation();
}

function isTyping(event: Keys): boolean {
  return (event.target as HTMLElement).matches("input, textarea, select, [contenteditable]");
}

function withCtrl(event: Keys, studio: Studio): boolean {
  if (!(event.ctrlKey || event.metaKey)) return false;
  const { session, view, actions } = studio;
  const key = event.key.toLowerCase();
  if (key === "k") return act(() => view.set({ overlay: "commands" }));
  if (key === "enter") return act(() => startRun(session));
  if (key === "s" && session.getState().can.save) return act(() => session.save());
  if (isTyping(event)) return false;
  if (key === "z") return act(() => (event.shiftKey ? session.redo() : session.undo()));
  if (key === "y") return act(() => session.redo());
  if (key === "g") return act(() => (event.shiftKey ? actions.ungroup() : actions.group()));
  if (key === "d") return act(() => actions.duplicate());
  if (key === "a") return act(() => actions.selectAll());
  if (key === "c") return act(() => actions.copy());
  if (key === "x") return act(() => actions.cut());
  if (key === "v" && actions.canPaste) return act(() => actions.paste());
  return false;
}

const act = (does: () => void): true => (does(), true);

const ARROWS: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function plain(event: Keys, studio: Studio, zoom: { in(): void; out(): void; fit(): void }): boolean {
  const { view, actions } = studio;
  if (event.altKey) return false;
  if (event.key === "?") return act(() => view.set({ overlay: "help" }));
  if (event.key === "Escape") return escape(studio);
  const onButton = (event.target as HTMLElement).matches("button, [role=slider], [role=separator]");
  if (onButton) return false;
  const arrow = ARROWS[event.key];
  if (arrow) return nudge(studio, arrow[0] * GRID * (event.shiftKey ? 8 : 1), arrow[1] * GRID * (event.shiftKey ? 8 : 1));
  switch (event.key) {
    case "Delete":
    case "Backspace":
      return act(() => actions.remove());
    case "Enter":
      return enter(event, studio);
    case "c":
      return wire(studio);
    case "o":
      return act(() => actions.enter(view.get().selection.nodes[0] ?? ""));
    case "u":
      return act(() => actions.leave());
    case "l":
      return act(() => actions.tidy());
    case "1":
      return act(zoom.fit);
    case "+":
    case "=":
      return act(zoom.in);
    case "-":
      return act(zoom.out);
    default:
      return false;
  }
}

function escape({ view, session }: Studio): boolean {
  const state = view.get();
  if (state.wiring) return act(() => view.set({ wiring: null }));
  const run = session.getState().run.state;
  if (run === "running" || run === "preparing") return act(() => session.cancel());
  const { nodes, projections, ports } = state.selection;
  if (nodes.length + projections.length + ports.length === 0) return false;
  return act(() => view.select({}));
}

/** Enter ends a connection that C began; otherwise it goes to what does not fit the chosen machines, else into the inspector's first field. */
function enter(event: Keys, { view, actions, meter }: Studio): boolean {
  const { wiring, selection } = view.get();
  const target = (event.target as HTMLElement).closest(".react-flow__node")?.getAttribute("data-id");
  if (wiring) {
    if (!target) return true;
    const why = actions.connect(wiring, target);
    view.set({ wiring: null });
    if (why) view.say(why);
    return true;
  }
  const only = [...selection.nodes, ...selection.projections];
  const wrong = only.length === 1 ? offenceOf(meter.get().reports, pathPattern(view.get().trail, only[0]!)) : undefined;
  if (wrong) return act(() => actions.goTo(leadsTo(wrong)));
  if (selection.nodes.length === 1) return act(() => view.set({ inspector: true, focus: "name" }));
  if (selection.projections.length === 1) return act(() => view.set({ inspector: true, focus: "weight" }));
  return false;
}

function wire({ view, actions }: Studio): boolean {
  const { nodes, ports } = view.get().selection;
  const from = nodes[0] ?? (ports[0] === undefined ? undefined : PORT + ports[0]);
  if (from === undefined || !actions.scene.items.some((item) => item.id === from)) return false;
  return act(() => view.set({ wiring: from }));
}

/** Arrows move what is selected; presses in a row are one step of undo. */
function nudge({ view, actions }: Studio, dx: number, dy: number): boolean {
  const { nodes, ports } = view.get().selection;
  const ids = new Set([...nodes, ...ports.map((key) => PORT + key)]);
  const boxes = actions.scene.items.filter((item) => ids.has(item.id)).map((item) => item.box);
  if (!boxes.length) return false;
  return act(() => actions.nudge(Object.fromEntries(boxes.map((box) => [box.id, { x: box.x + dx, y: box.y + dy }]))));
}
