import type { RunState } from "../../core/session";
import { shortNumber } from "../model/values";
import { useSession } from "../studio";

/** Simulated time, speed against real time, spikes so far; afterwards what became of the run. */
export function Progress({ className }: { className: string }) {
  const run = useSession((state) => state.run);
  if (run.state === "idle") return null;
  const share = run.duration_ms > 0 ? Math.min(1, run.t_ms / run.duration_ms) : 0;
  const live = run.state === "running" || run.state === "preparing";
  const said = saying(run);
  return (
    <div className={`progress ${className}`} role={live ? "progressbar" : "status"} aria-valuenow={live ? Math.round(share * 100) : undefined} aria-valuemin={live ? 0 : undefined} aria-valuemax={live ? 100 : undefined} aria-label="Progress" data-testid="progress" data-state={run.state} title={[saying(run, true), run.text === said ? "" : run.text].filter(Boolean).join("\n")}>
      <i style={{ width: `${live ? share * 100 : 0}%` }} />
      <span className="cut">{said}</span>
    </div>
  );
}

/** In one line; `whole` where there is room for everything. */
function saying(run: RunState, whole = false): string {
  const time = `${timeText(run.t_ms)} of ${timeText(run.duration_ms)}`;
  if (run.state === "preparing") return run.text || "Preparing …";
  if (run.state === "running" && run.steered && !whole) return `${timeText(run.t_ms)} · ${run.steered}`;
  if (run.state === "running") return [time, run.speed ? `${shortNumber(Number(run.speed.toPrecision(2)))} × real time` : "", run.steered].filter(Boolean).join(" · ");
  const spikes = `${shortNumber(run.spikes)} spikes`;
  if (run.state === "cancelled") return `Cancelled at ${timeText(run.t_ms)} · ${spikes}`;
  if (run.state === "failed") return run.text || "The run failed";
  return [run.answer, `${timeText(run.t_ms)} in ${wallText(run.wall_s)}`, spikes].filter(Boolean).join(" · ");
}

const wallText = (seconds: number): string => (seconds < 1 ? `${Math.round(seconds * 1000)}\u202fms` : `${seconds.toFixed(1)}\u202fs`);

/** 250 ms, 1.2 s, 3 min, 28 h: three digits are enough to see it move. */
export function timeText(ms: number): string {
  if (ms >= 7_200_000) return `${Number((ms / 3_600_000).toFixed(1))}\u202fh`;
  if (ms >= 120_000) return `${Number((ms / 60_000).toFixed(1))}\u202fmin`;
  return ms >= 1000 ? `${Number((ms / 1000).toPrecision(3))}\u202fs` : `${Math.round(ms)}\u202fms`;
}
