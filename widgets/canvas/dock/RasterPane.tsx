import { useEffect, useRef } from "react";

import { Raster, type RunLook, type TimeView } from "../../plots";
import { useSession, useStudio } from "../studio";

/** Every spike of the latest run. */
export function RasterPane({ time, look }: { time: TimeView; look: RunLook }) {
  const { session } = useStudio();
  const can = useSession((state) => state.can);
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<Raster>(null);
  const empty = can.run ? "No spikes yet. Press Run." : can.reason;
  useEffect(() => {
    plot.current = new Raster(host.current!, { spikes: session.spikes, view: time, empty });
    return () => plot.current?.destroy();
  }, [session, time, empty]);
  const { stale, partial, running, reached_ms, duration_ms } = look;
  useEffect(() => plot.current?.setRun({ stale, partial, running, reached_ms, duration_ms }), [stale, partial, running, reached_ms, duration_ms, empty]);
  return <div className="plot" ref={host} data-testid="raster" />;
}
