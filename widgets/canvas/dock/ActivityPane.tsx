import { useEffect, useRef } from "react";

import { ActivityPlot, type Measure, type RunLook, type TimeView } from "../../plots";
import { useStudio } from "../studio";

/** Rate and sparsity over time, one above the other. */
export function ActivityPane({ time, look }: { time: TimeView; look: RunLook }) {
  return (
    <div className="two-plots">
      <One measure="rate" title="Rate (Hz)" time={time} look={look} />
      <One measure="sparsity" title="Sparsity" time={time} look={look} />
    </div>
  );
}

function One({ measure, title, time, look }: { measure: Measure; title: string; time: TimeView; look: RunLook }) {
  const { session } = useStudio();
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<ActivityPlot>(null);
  useEffect(() => {
    plot.current = new ActivityPlot(host.current!, { spikes: session.spikes, view: time, measure });
    return () => plot.current?.destroy();
  }, [session, time, measure]);
  const { stale, partial, running, reached_ms, duration_ms } = look;
  useEffect(() => plot.current?.setRun({ stale, partial, running, reached_ms, duration_ms }), [stale, partial, running, reached_ms, duration_ms]);
  return <div className="plot" ref={host} data-testid={`plot-${measure}`} aria-label={title} />;
}
