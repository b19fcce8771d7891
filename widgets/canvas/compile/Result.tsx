import { useState } from "react";

import type { CompileState } from "../../core/session";
import { Icon } from "../glyphs/Icon";
import { Fix } from "../meter/Fix";
import { Uses } from "../meter/FitSection";
import { STATE_ICON } from "../meter/FitTag";
import { distinct, grouped, leadsTo, placesText, type FitState } from "../meter/marks";
import { useSession, useStudio, useView } from "../studio";
import { twinOf, type Twin } from "./twin";
import { TwinPicture } from "./TwinPicture";
import { TwinStates } from "./TwinStates";

const SAYS: Record<FitState, string> = { fits: "It fits.", lossy: "It fits, with losses.", over: "It does not fit." };

/** What became of a compilation: the verdict, what does not fit or was lost, how the chip's run differs, and the files. */
export function Result({ compile }: { compile: CompileState }) {
  const { session, view, actions } = useStudio();
  const rev = useSession((state) => state.rev);
  const theme = useView((state) => state.theme);
  const [page, setPage] = useState<string | null>(null);
  const [seen, see] = useState(false); // the page: then the focus comes back to its button
  const report = compile.report!;
  const findings = distinct(report.findings);
  const twin = twinOf(report.comparison);
  const state = !report.fits ? "over" : report.losses.length || findings.some((one) => one.severity === "warning") ? "lossy" : "fits";
  const show = async (): Promise<void> => setPage((await session.ask("report", {}))?.html ?? null);
  const go = (where: string): void => {
    view.set({ overlay: null });
    actions.goTo(where);
  };
  if (page !== null)
    return (
      <div className="report-page">
        <button type="button" className="btn small line" autoFocus onClick={() => (setPage(null), see(true))}><Icon name="undo" size={13} /> Back</button>
        <iframe title="Report" sandbox="" srcDoc={theme === "auto" ? page : page.replace('<html lang="en">', `<html lang="en" style="color-scheme: ${theme}">`)} data-testid="report-page" />
      </div>
    );
  return (
    <section className="result" aria-label="Result" data-testid="compile-result" data-fits={report.fits}>
      <p className="compile-verdict fit-state" data-state={state} role="status">
        <Icon name={STATE_ICON[state]} size={15} />
        <b>{SAYS[state]}</b>
        <span className="quiet small">{compile.wall_s < 10 ? `${compile.wall_s.toFixed(1)} s` : `${Math.round(compile.wall_s)} s`}{rev !== compile.rev ? " · of the network before the latest change" : ""}</span>
      </p>
      {findings.length > 0 && (
        <ul aria-label="Findings">
          {grouped(findings).map(({ finding, places }, k) => (
            <li key={k} className="fit-line" data-severity={finding.severity} data-code={finding.code}>
              <span className="sev"><Icon name={finding.severity} size={12} /></span>
              <button type="button" className="said" title={places.join(", ")} onClick={() => go(leadsTo(finding))}>{places[0] && <b className="mono">{placesText(places)} </b>}{finding.text} <span className="quiet">{finding.apply ? "" : finding.fix}</span></button>
              <Fix finding={finding} />
            </li>
          ))}
        </ul>
      )}
      {twin && <Beside twin={twin} />}
      {report.totals.length > 0 && <Uses uses={report.totals} caption="Used and available" />}
      {report.losses.length > 0 && (
        <details>
          <summary>What was lost ({report.losses.length})</summary>
          {report.losses.slice(0, 40).map((loss, k) => <p key={k} className="small loss"><Icon name="tilde" size={12} /><span><span className="mono">{loss.path}</span> {loss.text}</span></p>)}
          {report.losses.length > 40 && <p className="quiet small">and {report.losses.length - 40} more: all stand in the report.</p>}
        </details>
      )}
      <div className="compile-go">
        {report.fits && <button type="button" className="btn line" data-testid="compile-download" onClick={() => session.export("compiled")}><Icon name="download" size={14} /> Download .zip</button>}
        <button type="button" className="btn line" data-testid="compile-report" autoFocus={seen} onClick={() => void show()}>Show the report</button>
        <button type="button" className="btn" onClick={() => session.export("report")}>Download the report</button>
      </div>
    </section>
  );
}

/** The chip's run beside the ideal one: the task, rates, and both rasters in one. */
function Beside({ twin }: { twin: Twin }) {
  return (
    <div className="twin">
      <p className="small">{twin.verdict}</p>
      {twin.task && <p className="small"><b>{twin.task}</b></p>}
      <table className="uses">
        <thead><tr><th scope="col">Population</th><td /><th scope="col">ideal</th><th scope="col">on the chip</th><th scope="col">off by</th><th scope="col" title="Van Rossum's distance for each spike: 0 where the runs are equal, 1 where they have nothing in common">spike distance</th></tr></thead>
        <tbody>
          {twin.rates.map((row) => (
            <tr key={row.path}>
              <th scope="row">{row.path}</th>
              <td className="bar-cell"><svg width="64" height="11" aria-hidden="true">{row.shares.map((share, k) => <rect key={k} data-by={k ? "chip" : "ideal"} y={6 * k} width={64 * share} height="5" />)}</svg></td>
              <td>{row.ideal}</td><td>{row.chip}</td><td>{row.off}</td><td>{row.distance}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {twin.raster && <TwinPicture raster={twin.raster} />}
      {twin.states.length > 0 && <TwinStates states={twin.states} />}
    </div>
  );
}
