import { useRef, type KeyboardEvent, type PointerEvent } from "react";

import { Icon } from "../glyphs/Icon";
import { worst } from "../graph/marks";
import { useMeter, useSession, useStudio, useView } from "../studio";
import { Progress } from "../top/Progress";
import type { DockTab } from "../view";
import { ChipPane } from "../chip/ChipPane";
import { Findings } from "./Findings";
import { Plots } from "./Plots";

const LOW = 96;

/** What happened, where it would lie and what is wrong: raster, activity, traces, chip, findings. Folds away, and is as high as one likes. */
export function Dock() {
  const { view } = useStudio();
  const dock = useView((state) => state.dock);
  const findings = useSession((state) => state.findings);
  const reports = useMeter((state) => state.reports);
  const of = Object.values(reports).flatMap((report) => report.findings.filter((finding) => finding.severity !== "info"));
  const severity = worst([...findings, ...of]);
  const count = findings.length + of.length;
  const set = (change: Partial<typeof dock>): void => view.set({ dock: { ...view.get().dock, ...change } });
  const tabs: [DockTab, string][] = [["raster", "Raster"], ["activity", "Activity & sparsity"], ["traces", "Traces"], ["time", "Time"], ["chip", "Chip"], ["findings", "Findings"]];
  return (
    <section className="dock" aria-label="Dock" data-open={dock.open} style={{ height: dock.open ? dock.height : 33 }}>
      {dock.open && <Grabber height={dock.height} onChange={(height) => set({ height })} />}
      <div className="dock-head">
        <div className="tabs" role="tablist" aria-label="Dock">
          {tabs.map(([key, title]) => (
            <button key={key} type="button" role="tab" aria-selected={dock.open && dock.tab === key} data-testid={`dock-${key}`} onClick={() => set({ tab: key, open: true })}>
              {title}
              {key === "findings" && count > 0 && <span className="count" data-severity={severity}>{count}</span>}
            </button>
          ))}
        </div>
        <Progress className="below" />
        <button type="button" className="btn small icon" data-testid="dock-fold" aria-label={dock.open ? "Fold the dock" : "Unfold the dock"} aria-expanded={dock.open} title={dock.open ? "Fold" : "Unfold"} onClick={() => set({ open: !dock.open })}>
          <span className={dock.open ? "turn" : "turn up"}><Icon name="chevron" size={14} /></span>
        </button>
      </div>
      {dock.open && (dock.tab === "findings" ? <Findings /> : dock.tab === "chip" ? <ChipPane /> : <Plots tab={dock.tab} />)}
    </section>
  );
}

/** The dock's upper edge, pulled or moved by the arrows. */
function Grabber({ height, onChange }: { height: number; onChange(height: number): void }) {
  const from = useRef<{ y: number; height: number } | null>(null);
  const most = (element: HTMLElement): number => (element.closest<HTMLElement>(".spk")?.clientHeight ?? 800) - 220;
  const within = (element: HTMLElement, wish: number): number => Math.round(Math.max(LOW, Math.min(most(element), wish)));
  return (
    <div
      className="grabber"
      role="separator"
      aria-orientation="horizontal"
      aria-label="Height of the dock"
      aria-valuenow={height}
      tabIndex={0}
      onPointerDown={(event: PointerEvent<HTMLDivElement>) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        from.current = { y: event.clientY, height };
      }}
      onPointerMove={(event) => from.current && onChange(within(event.currentTarget, from.current.height + from.current.y - event.clientY))}
      onPointerUp={() => (from.current = null)}
      onKeyDown={(event: KeyboardEvent<HTMLDivElement>) => {
        const sign = event.key === "ArrowUp" ? 1 : event.key === "ArrowDown" ? -1 : 0;
        if (!sign) return;
        event.preventDefault();
        onChange(within(event.currentTarget, height + sign * 16));
      }}
    />
  );
}
