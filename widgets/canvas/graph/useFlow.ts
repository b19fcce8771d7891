// What React Flow reports, turned into view state and actions.

import { useCallback, useEffect, useLayoutEffect, useRef, useState, type FocusEvent, type RefObject } from "react";

import { useReactFlow, type EdgeChange, type NodeChange } from "@xyflow/react";

import { useStudio, useView } from "../studio";
import type { Selection } from "../view";
import type { ItemNode, WireEdge } from "./flow";
import type { Point } from "./route";
import { PORT, type Scene } from "./scene";

/** Room around everything, and never larger than life. */
export const FIT = { padding: 0.14, maxZoom: 1.1, minZoom: 0.03 };

const STILL: ReadonlyMap<string, Point> = new Map();

/** Boxes follow the pointer at once; the document hears of it when they are let go. */
export function usePlacing(scene: Scene) {
  const { actions } = useStudio();
  const [moved, setMoved] = useState(STILL);
  const latest = useRef(moved);
  latest.current = moved;
  const onMove = useCallback((changes: NodeChange<ItemNode>[]) => {
    const places = changes.flatMap((change) => (change.type === "position" && change.position && change.dragging ? [[change.id, change.position] as const] : []));
    if (places.length) setMoved((before) => new Map([...before, ...places]));
  }, []);
  const onDrop = useCallback(() => {
    if (latest.current.size) actions.move(Object.fromEntries(latest.current));
    setMoved(STILL);
  }, [actions]);
  useEffect(() => setMoved(STILL), [scene]);
  return { moved, onMove, onDrop };
}

/** Selection lives in the view; React Flow only says what was clicked or framed. */
export function useSelecting(onMove: (changes: NodeChange<ItemNode>[]) => void) {
  const { view } = useStudio();
  const onNodes = useCallback(
    (changes: NodeChange<ItemNode>[]) => {
      onMove(changes);
      const { selection } = view.get();
      const chosen = new Set([...selection.nodes, ...selection.ports.map((key) => PORT + key)]);
      if (!toggle(chosen, changes)) return;
      const ids = [...chosen];
      change(view, { nodes: ids.filter((id) => !id.startsWith(PORT)), ports: ids.filter((id) => id.startsWith(PORT)).map((id) => id.slice(PORT.length)), projections: selection.projections });
    },
    [view, onMove],
  );
  const onEdges = useCallback(
    (changes: EdgeChange<WireEdge>[]) => {
      const { selection } = view.get();
      const chosen = new Set(selection.projections);
      if (toggle(chosen, changes)) change(view, { ...selection, projections: [...chosen] });
    },
    [view],
  );
  return { onNodes, onEdges };
}

function toggle(chosen: Set<string>, changes: readonly { type: string; id?: string; selected?: boolean }[]): boolean {
  const picks = changes.filter((one) => one.type === "select");
  for (const { id, selected } of picks) selected ? chosen.add(id!) : chosen.delete(id!);
  return picks.length > 0;
}

function change(view: { set(change: { selection: Selection; focus: null }): void }, selection: Selection): void {
  view.set({ selection, focus: null });
}

/** Tab to a box selects it, so that the inspector follows the keyboard. */
export function useFocusSelect() {
  const { view } = useStudio();
  return useCallback(
    (event: FocusEvent) => {
      const target = event.target as Element;
      if (!target.matches(":focus-visible") || view.get().wiring) return;
      const id = target.closest(".react-flow__node") === target ? target.getAttribute("data-id") : null;
      const edge = target.closest(".react-flow__edge") === target ? target.getAttribute("data-id") : null;
      if (id?.startsWith(PORT)) view.select({ ports: [id.slice(PORT.length)] });
      else if (id) view.select({ nodes: [id] });
      else if (edge) view.select({ projections: [edge] });
    },
    [view],
  );
}

/** Shows everything at first, after entering a circuit, on request, and while panes change until a hand moves the canvas. Returns what hears of that hand. */
export function useFit(stage: RefObject<HTMLDivElement | null>, scene: Scene) {
  const { actions } = useStudio();
  const flow = useReactFlow<ItemNode, WireEdge>();
  const fit = useView((view) => view.fit);
  const latest = useRef(flow);
  latest.current = flow;
  const touched = useRef(false);
  const seen = useRef<{ fit: number; ids: ReadonlySet<string> }>({ fit: -1, ids: new Set() });
  useLayoutEffect(() => {
    actions.centre = () => {
      const { left, top, width, height } = stage.current!.getBoundingClientRect();
      return flow.screenToFlowPosition({ x: left + width / 2, y: top + height / 2 });
    };
    actions.pointOnCanvas = (x, y) => {
      const { left, top, right, bottom } = stage.current!.getBoundingClientRect();
      return x > left && x < right && y > top && y < bottom ? flow.screenToFlowPosition({ x, y }) : null;
    };
  }, [actions, flow, stage]);
  useEffect(() => {
    const ids = new Set(scene.items.map((item) => item.id));
    const other = ids.size > 0 && ![...ids].some((id) => seen.current.ids.has(id));
    const asked = seen.current.fit !== fit;
    const first = seen.current.ids.size === 0 && ids.size === 1;
    const drawn = !asked && seen.current.fit >= 0 && (first || !other) && [...ids].some((id) => !seen.current.ids.has(id));
    if (drawn) touched.current = true; // a hand is at work: what it sees stays where it is
    seen.current = { fit, ids };
    if (!ids.size || (!asked && (!other || first))) return;
    touched.current = false;
    requestAnimationFrame(() => requestAnimationFrame(() => void latest.current.fitView(FIT))); // once to draw them, once to measure them
  }, [fit, scene]);
  useEffect(() => {
    let last = "";
    const watch = new ResizeObserver(([entry]) => {
      const size = entry ? `${entry.contentRect.width} ${entry.contentRect.height}` : "";
      if (size === last || touched.current) return;
      last = size;
      requestAnimationFrame(() => requestAnimationFrame(() => latest.current.getNodes().length && void latest.current.fitView(FIT)));
    });
    watch.observe(stage.current!);
    return () => watch.disconnect();
  }, [stage]);
  return useCallback((event: unknown) => void (event && (touched.current = true)), []);
}

/** In a page that scrolls (a notebook) the wheel belongs to the page until the canvas was pressed; elsewhere it zooms at once. */
export function useWheel(stage: RefObject<HTMLDivElement | null>) {
  const [engaged, setEngaged] = useState(false);
  const [alone, setAlone] = useState(true);
  useLayoutEffect(() => {
    const surface = stage.current!.closest<HTMLElement>(".spk");
    setAlone(!surface || surface.clientHeight > window.innerHeight * 0.78);
  }, [stage]);
  return { wheel: alone || engaged, onPointerDownCapture: () => setEngaged(true), onPointerLeave: () => setEngaged(false) };
}

/** Gives the focus to the box the view asks for, as soon as it is drawn. */
export function useReach(stage: RefObject<HTMLDivElement | null>, nodes: readonly ItemNode[]): void {
  const { view } = useStudio();
  const reach = useView((state) => state.reach);
  useEffect(() => {
    if (!reach) return;
    const frame = requestAnimationFrame(() => {
      const box = stage.current!.querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(reach)}"]`);
      if (!box) return;
      box.focus({ preventScroll: true });
      view.set({ reach: null });
    });
    return () => cancelAnimationFrame(frame);
  }, [reach, nodes, stage, view]);
}
