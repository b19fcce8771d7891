import { useEffect, useLayoutEffect, useMemo, useRef } from "react";

import { ReactFlowProvider } from "@xyflow/react";

import type { Session } from "../core/session";
import { Actions } from "./actions";
import { Guard } from "./Guard";
import { Meter } from "./meter/meter";
import { Shell } from "./Shell";
import { StudioContext, type Studio } from "./studio";
import { download } from "./top/files";
import { NOTHING, View, type Theme, type Width } from "./view";

/** The whole studio surface over a session: it needs an element with a height and its stylesheet (`css`), nothing else. */
export function Surface({ session }: { session: Session }) {
  const root = useRef<HTMLDivElement>(null);
  const studio = useMemo<Studio>(() => {
    const view = new View(session.getState().document.main);
    return { session, view, actions: new Actions(session, view), meter: new Meter(session) };
  }, [session]);
  useHost(root, studio);
  useFollow(studio);
  useEffect(() => studio.meter.start(), [studio]);
  useEffect(() => session.onExported((file) => download(file.name, file.mime, file.bytes)), [session]);
  return (
    <StudioContext value={studio}>
      <Guard>
        <ReactFlowProvider>
          <Shell root={root} />
        </ReactFlowProvider>
      </Guard>
    </StudioContext>
  );
}

/** The host's theme where it has one, and how much room there is. */
function useHost(root: React.RefObject<HTMLDivElement | null>, { view }: Studio): void {
  useLayoutEffect(() => {
    const element = root.current!;
    const host = element.parentElement;
    const follow = (): void => {
      const given = host?.dataset["theme"];
      if (given === "light" || given === "dark") view.set({ theme: given as Theme });
    };
    const themes = new MutationObserver(follow);
    if (host) themes.observe(host, { attributes: true, attributeFilter: ["data-theme"] });
    follow();
    const watch = new ResizeObserver(([entry]) => entry && view.resize(widthOf(entry.contentRect.width), entry.contentRect.height));
    view.resize(widthOf(element.clientWidth), element.clientHeight);
    watch.observe(element);
    return () => {
      watch.disconnect();
      themes.disconnect();
    };
  }, [root, view]);
}

const widthOf = (pixels: number): Width => (pixels >= 1120 ? "wide" : pixels >= 760 ? "medium" : "narrow");

/** Another document may not have the circuits one stood in: then back to its main circuit. */
function useFollow({ session, view }: Studio): void {
  useEffect(
    () =>
      session.subscribe(() => {
        const { document } = session.getState();
        const { trail } = view.get();
        const ok = trail.every((step, k) => document.circuits[step.circuit] && (k > 0 || step.circuit === document.main) && stands(document, trail, k));
        if (!ok) view.set({ trail: [{ circuit: document.main }], selection: NOTHING, wiring: null, fit: view.get().fit + 1 });
      }),
    [session, view],
  );
}

function stands(document: ReturnType<Session["getState"]>["document"], trail: readonly { circuit: string; via?: string }[], k: number): boolean {
  const via = trail[k]!.via;
  if (k === 0 || via === undefined) return true;
  const node = document.circuits[trail[k - 1]!.circuit]?.nodes[via];
  return node?.kind === "instance" && node.of === trail[k]!.circuit;
}
