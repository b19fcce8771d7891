import { Icon } from "../glyphs/Icon";
import { Section } from "../inspector/Section";
import { placeOf } from "../model/places";
import { shortNumber } from "../model/values";
import { useCircuit, useStudio } from "../studio";
import type { FitFinding, Use } from "../../core/report";
import { Bar, STATE_ICON } from "./FitTag";
import { Fix } from "./Fix";
import { amounts, grouped, leadsTo, part, resourceText, SAID, type Mark } from "./marks";
import { useMarks } from "./useMarks";

/** What is selected, on each chosen machine: what it uses of every resource, what does not fit and how to mend it, what is lost. */
export function FitSection({ id }: { id: string }) {
  const { marks, stale } = useMarks(id);
  return marks.map((mark) => (
    <Section key={mark.target} title={`On ${mark.title}`} side={<State mark={mark} stale={stale} />}>
      <div className="fit-body" data-stale={stale} data-testid={`fit-section-${mark.target}`}>
        {grouped(mark.findings).map(({ finding }, k) => <Line key={k} finding={finding} />)}
        {mark.uses.length > 0 && <Uses uses={mark.uses} />}
        {mark.cores > 0 && <p className="quiet small">{mark.cores === 1 ? "On 1 core" : `On ${shortNumber(mark.cores)} cores`}; of each resource the fullest core counts.</p>}
        {[...new Set(mark.losses.map((loss) => loss.text))].map((text) => (
          <p key={text} className="small loss">
            <Icon name="tilde" size={12} /> {text}
          </p>
        ))}
        {!mark.findings.length && !mark.uses.length && !mark.losses.length && <p className="quiet small">Nothing of the machine is used.</p>}
      </div>
    </Section>
  ));
}

function State({ mark, stale }: { mark: Mark; stale: boolean }) {
  return (
    <span className="fit-state small" data-state={mark.state} data-stale={stale}>
      <Icon name={STATE_ICON[mark.state]} size={12} /> {stale ? "being computed" : SAID[mark.state]}
    </span>
  );
}

/** A finding in one line that leads to its field, where the whole sentence stands; without a field, the sentence itself. */
function Line({ finding }: { finding: FitFinding }) {
  const { actions } = useStudio();
  const { document } = useCircuit();
  const { field } = placeOf(document, leadsTo(finding));
  return (
    <div className="fit-line" data-severity={finding.severity} data-code={finding.code}>
      <span className="sev"><Icon name={finding.severity} size={12} /></span>
      {field ? (
        <button type="button" className="link-text" title={finding.text} onClick={() => actions.goTo(leadsTo(finding))}>
          <b className="mono">{field}</b> <span>{finding.text}</span>
        </button>
      ) : (
        <span>{finding.text} {finding.apply ? "" : finding.fix}</span>
      )}
      <Fix finding={finding} />
    </div>
  );
}

/** Resources as bars, the fullest first. */
export function Uses({ uses, caption }: { uses: readonly Use[]; caption?: string }) {
  return (
    <table className="uses">
      {caption && <caption className="sr">{caption}</caption>}
      <tbody>
        {uses.map((use) => (
          <tr key={`${use.resource} ${use.where}`} data-over={part(use) > 1} title={[`${resourceText(use)}: ${amounts(use, true)}`, use.where].filter(Boolean).join(", ")}>
            <th scope="row">{resourceText(use)}</th>
            <td className="bar-cell"><Bar share={part(use)} wide /></td>
            <td>{amounts(use)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
