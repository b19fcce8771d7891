import { useSyncExternalStore } from "react";

import { rateText } from "../graph/useReadout";
import { useSession, useStudio } from "../studio";

/** Rate and sparsity of every population so far; a press goes to it. */
export function Readouts() {
  const { session, actions } = useStudio();
  const rates = useSession((state) => state.run.rates);
  const sparsity = useSession((state) => state.run.sparsity);
  const stale = useSession((state) => state.run.stale);
  const rows = useSyncExternalStore(session.spikes.subscribe, () => session.spikes.rows);
  const paths = rows.length ? rows : Object.keys(rates).map((path) => ({ path, name: path, kind: "population" as const }));
  if (!paths.length) return null;
  return (
    <table className="readouts scroll" data-stale={stale} data-testid="readouts">
      <thead>
        <tr>
          <th scope="col">Population</th>
          <th scope="col">Rate</th>
          <th scope="col" title="Share of neuron-steps without a spike">Sparsity</th>
        </tr>
      </thead>
      <tbody>
        {paths.map((row) => (
          <tr key={row.path} data-sign={row.kind === "population" ? "none" : row.kind} title={row.path} onClick={() => actions.goTo(row.path)}>
            <th scope="row">
              <i className="dot" />
              <span className="cut">{labelOf(row)}</span>
            </th>
            <td>{row.path in rates ? rateText(rates[row.path]!) : "–"}</td>
            <td>{row.path in sparsity ? sparsity[row.path]!.toFixed(4) : "–"}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A name alone is not enough where a circuit stands several times. */
function labelOf({ path, name }: { path: string; name: string }): string {
  const copy = path.match(/\[(\d+)\]/g);
  return copy ? `${name} ${copy.join("")}` : name;
}
