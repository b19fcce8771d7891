// How components reach the session and the view: hooks with selectors, so that each redraws only for what it shows.

import { createContext, useContext, useRef, useSyncExternalStore } from "react";

import type { Circuit, Document } from "../core/document";
import type { Session, SessionState } from "../core/session";
import type { Actions } from "./actions";
import type { Meter, MeterState } from "./meter/meter";
import type { View, ViewState } from "./view";

export interface Studio {
  session: Session;
  view: View;
  actions: Actions;
  meter: Meter;
}

export const StudioContext = createContext<Studio | null>(null);

export function useStudio(): Studio {
  const studio = useContext(StudioContext);
  if (!studio) throw new Error("useStudio needs a Surface around it.");
  return studio;
}

export function useSession<T>(select: (state: SessionState) => T): T {
  const { session } = useStudio();
  return useSelected(session.subscribe, session.getState, select);
}

export function useView<T>(select: (state: ViewState) => T): T {
  const { view } = useStudio();
  return useSelected(view.subscribe, view.get, select);
}

export function useMeter<T>(select: (state: MeterState) => T): T {
  const { meter } = useStudio();
  return useSelected(meter.subscribe, meter.get, select);
}

/** `select` may build a new object: the last one is kept while the state it came from is the same. */
function useSelected<S, T>(subscribe: (listener: () => void) => () => void, get: () => S, select: (state: S) => T): T {
  const last = useRef<{ state: S; select: (state: S) => T; value: T } | null>(null);
  return useSyncExternalStore(subscribe, () => {
    const state = get();
    if (last.current?.state === state && last.current.select === select) return last.current.value;
    const value = select(state);
    const same = last.current && Object.is(last.current.value, value);
    last.current = { state, select, value: same ? last.current!.value : value };
    return value;
  });
}

const EMPTY: Circuit = { nodes: {}, projections: {}, ports: {} };

/** The key of the circuit on the canvas: the last of the trail that exists. */
export function circuitKeyOf(document: Document, { trail }: Pick<ViewState, "trail">): string {
  const key = trail.at(-1)!.circuit;
  return Object.hasOwn(document.circuits, key) ? key : document.main;
}

export function useCircuit(): { key: string; circuit: Circuit; document: Document } {
  const document = useSession((state) => state.document);
  const trail = useView((state) => state.trail);
  const key = circuitKeyOf(document, { trail });
  return { key, circuit: document.circuits[key] ?? EMPTY, document };
}
