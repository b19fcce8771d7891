import { useState } from "react";

import { TimeView } from "../../plots";
import type { RunLook } from "../../plots";
import type { RunState } from "../../core/session";
import { useSession } from "../studio";
import { timeText } from "../top/Progress";
import type { DockTab } from "../view";
import { ActivityPane } from "./ActivityPane";
import { RasterPane } from "./RasterPane";
import { Readouts } from "./Readouts";
import { TimePane } from "./TimePane";
import { TracesPane } from "./TracesPane";

/** The plots of the latest run beside its numbers; all plots share one time axis. */
export function Plots({ tab }: { tab: DockTab }) {
  const run = useSession((state) => state.run);
  const [time] = useState(() => new TimeView());
  const look = lookOf(run);
  return (
    <div className="plots">
      <Readouts />
      <div className="plot-side">
        <Standing run={run} />
        {tab === "raster" && <RasterPane time={time} look={look} />}
        {tab === "activity" && <ActivityPane time={time} look={look} />}
        {tab === "time" && <TimePane running={look.running} />}
        {tab === "traces" && <TracesPane time={time} look={look} />}
      </div>
    </div>
  );
}

function lookOf(run: RunState): RunLook {
  const running = run.state === "running" || run.state === "preparing";
  const partial = run.state === "cancelled" || run.state === "failed";
  return { stale: run.stale, partial, running, reached_ms: run.t_ms, duration_ms: run.duration_ms || 1000 };
}

/** An old picture says that it is old; a cut one says where it was cut. */
function Standing({ run }: { run: RunState }) {
  const words = [run.stale && "The network has changed since this run", run.state === "cancelled" && `Cancelled at ${timeText(run.t_ms)} of ${timeText(run.duration_ms)}`, run.state === "failed" && `Failed at ${timeText(run.t_ms)}: ${run.text}`].filter(Boolean);
  if (!words.length) return null;
  return <p className="standing" role="status" data-testid="run-standing">{words.join(" · ")}</p>;
}
