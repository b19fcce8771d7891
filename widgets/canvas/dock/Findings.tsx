import { Icon } from "../glyphs/Icon";
import { useSession, useStudio } from "../studio";

const RANK = { error: 0, warning: 1, info: 2 };

/** All findings, the worst first. A press goes to the place. */
export function Findings() {
  const { actions } = useStudio();
  const findings = useSession((state) => state.findings);
  const sorted = findings.map((finding, k) => ({ finding, k })).sort((a, b) => RANK[a.finding.severity] - RANK[b.finding.severity] || a.k - b.k);
  if (!sorted.length) return <p className="none quiet" data-testid="no-findings">Nothing is wrong.</p>;
  return (
    <ul className="findings scroll" aria-label="Findings">
      {sorted.map(({ finding }, k) => (
        <li key={k}>
          <button type="button" className="item finding" data-testid={`finding-${k}`} data-severity={finding.severity} data-code={finding.code} title={finding.code} onClick={() => actions.goTo(finding.where)}>
            <span className="sev"><Icon name={finding.severity} size={14} /></span>
            <span className="two">
              <span>{finding.text}</span>
              {finding.fix && <small>{finding.fix}</small>}
            </span>
            <span className="end mono">{finding.where}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
