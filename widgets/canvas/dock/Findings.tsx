import type { Finding } from "../../core/document";
import type { FitFinding } from "../../core/report";
import { Icon } from "../glyphs/Icon";
import { Fix } from "../meter/Fix";
import { distinct, grouped, leadsTo, placesText } from "../meter/marks";
import { isStale } from "../meter/useMarks";
import { useMeter, useSession, useStudio } from "../studio";

const RANK = { error: 0, warning: 1, info: 2 };

/** All findings, the worst first: those of the checks, then those of each chosen machine, what is said of several places once. A press goes to the place. */
export function Findings() {
  const findings = useSession((state) => state.findings);
  const reports = useMeter((state) => state.reports);
  const stale = useMeter((state) => isStale(state.phase));
  const sorted = findings.map((finding, k) => ({ finding, k })).sort((a, b) => RANK[a.finding.severity] - RANK[b.finding.severity] || a.k - b.k);
  const of = Object.values(reports).sort((a, b) => Number(a.fits) - Number(b.fits)).map((report) => ({ report, found: grouped(distinct(report.findings)) }));
  if (!sorted.length && !of.length) return <p className="none quiet" data-testid="no-findings">Nothing is wrong.</p>;
  return (
    <div className="findings scroll">
      <ul aria-label="Findings">
        {sorted.map(({ finding }, k) => <Line key={k} finding={finding} places={[finding.where]} testid={`finding-${k}`} />)}
      </ul>
      {of.map(({ report, found }) => (
        <section key={report.target} className="of-target" data-stale={stale} aria-label={`On ${report.title}`}>
          <h4>On {report.title}: {report.fits ? "it fits" : "it does not fit"}</h4>
          {found.length > 0 && (
            <ul aria-label={`Findings on ${report.title}`}>
              {found.map(({ finding, places }, k) => <Line key={k} finding={finding} places={places} testid={`finding-${report.target}-${k}`} />)}
            </ul>
          )}
        </section>
      ))}
    </div>
  );
}

function Line({ finding, places, testid }: { finding: Finding & Pick<FitFinding, "apply">; places: readonly string[]; testid: string }) {
  const { actions } = useStudio();
  return (
    <li className="finding-line">
      <button type="button" className="item finding" data-testid={testid} data-severity={finding.severity} data-code={finding.code} title={places.length > 1 ? `${finding.code}: ${places.join(", ")}` : finding.code} onClick={() => actions.goTo(leadsTo(finding))}>
        <span className="sev"><Icon name={finding.severity} size={14} /></span>
        <span className="two">
          <span>{finding.text}</span>
          {finding.fix && <small>{finding.fix}</small>}
        </span>
        <span className="end mono">{placesText(places)}</span>
      </button>
      <Fix finding={finding} />
    </li>
  );
}
