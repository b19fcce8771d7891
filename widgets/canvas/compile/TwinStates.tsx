import { timeText } from "../top/Progress";
import { linesOf, TALL, WIDE } from "./picture";
import type { TwinState } from "./twin";

const MOST = 3; // states that are drawn

/** Recorded states and learnt weights of both runs: how far apart, and the neuron that differs most. */
export function TwinStates({ states }: { states: readonly TwinState[] }) {
  return (
    <div className="twin-picture" data-testid="twin-states">
      <table className="uses">
        <thead><tr><th scope="col">State</th><th scope="col" title="Root mean square of the difference">differs by</th><th scope="col">range of the ideal</th><th scope="col">correlation</th></tr></thead>
        <tbody>{states.map(({ path, rms, range, correlation }) => <tr key={path}><th scope="row">{path}</th><td>{rms}</td><td>{range}</td><td>{correlation}</td></tr>)}</tbody>
      </table>
      {states.flatMap(({ path, shown }) => (shown ? [{ path, shown }] : [])).slice(0, MOST).map(({ path, shown }) => (
        <figure key={path}>
          <figcaption className="small"><span className="mono">{path}</span> <span className="quiet">neuron {shown.neuron}, which differs most, {timeText(shown.t_ms.at(-1)!)}; dashed: the chip</span></figcaption>
          <svg role="img" viewBox={`0 0 ${WIDE} ${TALL}`} aria-label={`${path} of neuron ${shown.neuron} in both runs`}>
            {linesOf(shown).map((d, k) => <path key={k} data-by={k ? "chip" : "ideal"} d={d} />)}
          </svg>
        </figure>
      ))}
    </div>
  );
}
