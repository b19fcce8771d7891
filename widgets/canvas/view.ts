// What the surface remembers that is not the document: where one looks, what is selected, which panes are open.

import type { Kind } from "../core/catalogue";
import type { Values } from "../core/document";
import type { GlyphKind } from "./glyphs/Glyph";
import type { Step } from "./model/places";

export type Theme = "auto" | "light" | "dark";
export type DockTab = "raster" | "activity" | "traces" | "time" | "chip" | "findings";
export type RailTab = "add" | "outline" | "templates";
export type Width = "wide" | "medium" | "narrow";

export interface Selection {
  nodes: readonly string[];
  projections: readonly string[];
  ports: readonly string[];
}

/** A thing of the palette: a model to place, a circuit (`""`: a new one), a port (`in` or `out`). */
export interface Placeable {
  kind: "neuron" | "source" | "circuit" | "port";
  id: string;
  title: string;
  glyph: GlyphKind;
}

/** What lies over everything: a list, the keys, a model's page, a model of one's own being written (`like`: begun from; `key`: one that stands), or a compilation for a target. */
export type Overlay = "commands" | "help" | { page: { kind: Kind; key: string; values: Values } } | { own: { kind: Kind; like?: string; key?: string } } | { compile: string };

export interface ViewState {
  /** From the main circuit down to the one on the canvas; never empty. */
  trail: readonly Step[];
  selection: Selection;
  /** The parameter whose field is to get the focus, once. */
  focus: string | null;
  /** A box that is to get the focus, once. */
  reach: string | null;
  /** A node a connection was started from by keyboard. */
  wiring: string | null;
  dock: { tab: DockTab; open: boolean; height: number };
  rail: { tab: RailTab; open: boolean };
  inspector: boolean;
  overlay: Overlay | null;
  /** Kinds of models whose response is unfolded in the inspector. */
  responses: { readonly [kind in Kind]?: boolean };
  theme: Theme;
  width: Width;
  /** Sentences of the surface itself (a connection that makes no sense), shown beside those of the session. */
  notes: readonly { id: number; text: string }[];
  /** What is being dragged from the palette, and where the pointer is [client px]. */
  carried: { what: Placeable; x: number; y: number } | null;
  /** Grows when the canvas should show everything again. */
  fit: number;
}

export const NOTHING: Selection = { nodes: [], projections: [], ports: [] };

const START: ViewState = {
  trail: [{ circuit: "" }],
  selection: NOTHING,
  focus: null,
  reach: null,
  wiring: null,
  dock: { tab: "raster", open: true, height: 232 },
  rail: { tab: "add", open: true },
  inspector: true,
  overlay: null,
  responses: { neuron: true },
  theme: "auto",
  width: "wide",
  notes: [],
  carried: null,
  fit: 0,
};

const KEPT = "spike-studio/view";

/** A small store for `useSyncExternalStore`; theme and panes are kept between visits where the browser allows. */
export class View {
  private state: ViewState;
  private spoken = 0;
  private readonly listeners = new Set<() => void>();

  constructor(main: string) {
    this.state = { ...START, trail: [{ circuit: main }], ...recall() };
  }

  readonly get = (): ViewState => this.state;
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };

  set(change: Partial<ViewState>): void {
    this.state = { ...this.state, ...change };
    if (change.theme || change.dock) remember(this.state);
    for (const listener of [...this.listeners]) listener();
  }

  select(selection: Partial<Selection>): void {
    this.set({ selection: { ...NOTHING, ...selection } });
  }

  say(text: string): void {
    this.spoken += 1;
    this.set({ notes: [...this.state.notes.slice(-2), { id: this.spoken, text }] });
  }

  hush(id: number): void {
    this.set({ notes: this.state.notes.filter((note) => note.id !== id) });
  }

  /** Panes for a width: side by side where there is room, over the canvas where there is not. */
  resize(width: Width, height: number): void {
    if (width === this.state.width) return;
    const rail = { ...this.state.rail, open: width === "wide" };
    const dock = { ...this.state.dock, height: Math.min(this.state.dock.height, Math.max(140, height * 0.34)) };
    this.state = { ...this.state, width, rail, dock, inspector: width !== "narrow" };
    for (const listener of [...this.listeners]) listener();
  }
}

function recall(): Partial<ViewState> {
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT) ?? "{}") as Partial<Pick<ViewState, "theme" | "dock">>;
    return { ...(kept.theme ? { theme: kept.theme } : {}), ...(kept.dock ? { dock: { ...START.dock, ...kept.dock } } : {}) };
  } catch {
    return {}; // storage may be forbidden: then nothing is kept
  }
}

function remember({ theme, dock }: ViewState): void {
  try {
    localStorage.setItem(KEPT, JSON.stringify({ theme, dock: { open: dock.open, height: dock.height } }));
  } catch {
    // as above
  }
}
