import { Icon } from "../glyphs/Icon";
import { useSession } from "../studio";

/** What Python says about this very field, under it. */
export function RowFindings({ where }: { where: string }) {
  const findings = useSession((state) => state.findings);
  const here = findings.filter((finding) => sameEnd(finding.where, where));
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

/** `cols[1].exc.tau_m` and `column:exc.tau_m` both speak of `exc.tau_m`. */
function sameEnd(path: string, where: string): boolean {
  const plain = path.replace(/\[[^\]]*\]/g, "").replace(/^[^:]*:/, "");
  return plain === where || plain.endsWith(`.${where}`);
}
