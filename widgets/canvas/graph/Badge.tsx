import type { Finding } from "../../core/document";
import { Icon } from "../glyphs/Icon";
import { useStudio } from "../studio";
import { worst } from "./marks";

/** What is wrong with a box, where it is wrong: one press goes to the field. */
export function Badge({ findings }: { findings: readonly Finding[] }) {
  const { actions } = useStudio();
  const severity = worst(findings);
  if (!severity) return null;
  const first = findings.find((finding) => finding.severity === severity)!;
  const said = findings.map((finding) => `${finding.text}${finding.fix ? ` ${finding.fix}` : ""}`).join("\n");
  return (
    <button
      type="button"
      className="badge nodrag"
      data-severity={severity}
      data-code={first.code}
      title={said}
      aria-label={`${findings.length === 1 ? severity : `${findings.length} findings`}: ${first.text}`}
      onClick={(event) => {
        event.stopPropagation();
        actions.goTo(first.where);
      }}
    >
      <Icon name={severity} size={12} />
      {findings.length > 1 && <span>{findings.length}</span>}
    </button>
  );
}
