import type { Finding } from "../../core/document";
import { Icon } from "../glyphs/Icon";
import { placeOf, type Place } from "../model/places";
import { Fix } from "../meter/Fix";
import { useCircuit, useMeter, useSession } from "../studio";

/** What Python says about this very field, under it: the checks, then the chosen machines, with the fix to press where it is a value. */
export function RowFindings({ where }: { where: string }) {
  const findings = useSession((state) => state.findings);
  const { key, document } = useCircuit();
  const reports = useMeter((state) => state.reports);
  const speaks = (finding: Finding): boolean => speaksOf(placeOf(document, finding.where), key, where);
  const here = findings.filter(speaks);
  const there = Object.values(reports).flatMap((report) => report.findings.filter((finding) => finding.severity !== "info" && (speaks(finding) || (finding.apply !== undefined && speaks({ ...finding, where: finding.apply.where }))) && !here.some((one) => one.text === finding.text)).map((finding) => ({ finding, title: report.title })));
  if (!here.length && !there.length) return null;
  return (
    <div className="row-findings">
      {here.map((finding, k) => (
        <p key={k} data-severity={finding.severity} data-code={finding.code}>
          <span className="sev"><Icon name={finding.severity} size={12} /></span>
          <span>{finding.text} {finding.fix}</span>
        </p>
      ))}
      {there.map(({ finding, title }, k) => (
        <p key={`on ${k}`} data-severity={finding.severity} data-code={finding.code} data-testid="row-fit">
          <span className="sev"><Icon name="chip" size={12} /></span>
          <span><b>{title}:</b> {finding.text} {finding.apply ? <Fix finding={finding} /> : finding.fix}</span>
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
