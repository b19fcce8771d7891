import { useEffect, useMemo, useRef } from "react";

import type { RecordedState } from "../../core/session";
import { showUnit } from "../../core/units";
import { TracePlot, type RunLook, type TimeView, type Trace } from "../../plots";
import { fewOf, recordable } from "../model/recorded";
import { setAt } from "../model/pointer";
import { useSession, useStudio } from "../studio";

/** The recorded states of the latest run, a plot for each; without one, how to record a voltage. */
export function TracesPane({ time, look }: { time: TimeView; look: RunLook }) {
  const traces = useSession((state) => state.traces);
  if (!traces.length) return <NoTraces running={look.running} />;
  return (
    <div className="traces scroll" data-testid="traces">
      {traces.map((state) => (
        <One key={`${state.path} ${state.what}`} state={state} time={time} look={look} />
      ))}
    </div>
  );
}

function One({ state, time, look }: { state: RecordedState; time: TimeView; look: RunLook }) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<TracePlot>(null);
  const lines = useMemo(() => linesOf(state), [state]);
  useEffect(() => {
    plot.current = new TracePlot(host.current!, { view: time });
    return () => plot.current?.destroy();
  }, [time]);
  const { stale, partial, running, reached_ms, duration_ms } = look;
  useEffect(() => plot.current?.setRun({ stale, partial, running, reached_ms, duration_ms }), [stale, partial, running, reached_ms, duration_ms, time]);
  useEffect(() => plot.current?.setTraces(lines), [lines, time]);
  const unit = showUnit(state.unit);
  return (
    <figure className="trace">
      <figcaption>
        <b className="mono">{state.path}</b> {state.what}
        {unit && ` (${unit})`}
        <span className="quiet">{shownOf(state)}</span>
      </figcaption>
      <div className="plot" ref={host} data-testid={`trace-${state.path}-${state.what}`} />
    </figure>
  );
}

function linesOf({ ids, what, unit, times, values }: RecordedState): Trace[] {
  return ids.map((id, k) => ({ name: `${what} ${id}`, unit: showUnit(unit), times, values: values.subarray(k * times.length, (k + 1) * times.length) }));
}

/** What is not drawn of what was recorded. */
function shownOf({ ids, recorded, thinned }: RecordedState): string {
  const some = recorded > ids.length ? `first ${ids.length} of ${recorded.toLocaleString("en")} neurons` : "";
  return [some, thinned ? "thinned, peaks kept" : ""].filter(Boolean).join(", ");
}

function NoTraces({ running }: { running: boolean }) {
  const { session } = useStudio();
  const document = useSession((state) => state.document);
  const catalogue = useSession((state) => state.catalogue);
  const record = document.run?.record ?? [];
  const states = record.filter(({ what }) => what !== "spikes" && what !== "weight");
  const first = Object.entries(document.circuits[document.main]?.nodes ?? {}).find(([, node]) => node.kind === "population");
  const [key, node] = first ?? [];
  const what = node?.kind === "population" ? recordable(catalogue, node.model)[0] : undefined;
  if (states.length) return <p className="none quiet" data-testid="no-traces">{running ? "Traces are drawn when the run ends." : `Press Run: ${states.map((item) => `${item.what} of ${item.path}`).join(", ")} will be drawn here.`}</p>;
  return (
    <div className="none" data-testid="no-traces">
      <p className="quiet">No voltage is recorded. Select a population and switch on a state under Record.</p>
      {key && node?.kind === "population" && what && (
        <button type="button" className="btn line small" data-testid="record-first" onClick={() => void session.dispatch(setAt(["run", "record"], [...record, { path: fewOf(key, node.size), what: what.name }], `Record ${what.name} of ${node.name}`))}>
          Record {what.name} of {node.name}
        </button>
      )}
    </div>
  );
}
