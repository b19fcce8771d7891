import { Icon } from "../glyphs/Icon";
import { placeOf, type Place } from "../model/places";
import { useCircuit, useSession } from "../studio";

/** What Python says about this very field, under it. */
export function RowFindings({ where }: { where: string }) {
  const findings = useSession((state) => state.findings);
  const { key, document } = useCircuit();
  const here = findings.filter((finding) => speaksOf(placeOf(document, finding.where), key, where));
  if (!here.length) return null;
  return (
    <div className="row-findings">
      {here.map((finding, k) => (
        <p key={k} data-severity={finding.severity} data-code={finding.code}>
          <span className="sev"><Icon name={finding.severity} size={12} /></span>
          <span>{finding.text} {finding.fix}</span>
        </p>
      ))}
    </div>
  );
}

/** Whether a finding's place is `where` (`exc.tau_m`, `p1.kinetics.tau`, `run.dt`) of the circuit on the canvas. */
function speaksOf(place: Place, circuit: string, where: string): boolean {
  const id = place.node ?? place.projection ?? place.port;
  if (id === undefined) return place.tail === where;
  return place.trail.at(-1)!.circuit === circuit && [id, place.tail].filter(Boolean).join(".") === where;
}
