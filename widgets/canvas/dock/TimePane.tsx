import type { ProfileRow, RunProfile } from "../../core/session";
import { shortNumber } from "../model/values";
import { useSession, useStudio } from "../studio";

const TINY = 0.0005; // of the run: kinds below are left out
const ROWS = 12;

/** Where the time of the latest run went: by kind of work, and by population and projection. */
export function TimePane({ running }: { running: boolean }) {
  const profile = useSession((state) => state.profile);
  if (!profile) return <p className="none quiet">{running ? "It is measured while the network runs, and shown when it is done." : "Press Run: then you see here where the time went."}</p>;
  const kinds = profile.seconds.filter((kind) => kind.s >= TINY * profile.wall_s);
  const most = Math.max(...kinds.map((kind) => kind.s));
  return (
    <div className="timing scroll" data-testid="profile" tabIndex={0}>
      <p className="timing-sum">
        <b>{secondsText(profile.wall_s)}</b> on {profile.threads} {profile.threads === 1 ? "thread" : "threads"}
        {profile.ns_per_event !== null && <span title="Synaptic events: one spike at one synapse"> · {shortNumber(profile.events)} synaptic events, {shortNumber(Number(profile.ns_per_event.toPrecision(3)))} ns each</span>}
        {profile.ns_per_update !== null && <span title="One neuron advanced by one step"> · {shortNumber(profile.updates)} neuron updates, {shortNumber(Number(profile.ns_per_update.toPrecision(3)))} ns each</span>}
        {profile.weight_updates > 0 && <span> · {shortNumber(profile.weight_updates)} weight updates</span>}
      </p>
      <table>
        <caption className="sr">By kind of work</caption>
        <tbody>
          {kinds.map((kind) => (
            <tr key={kind.kind}>
              <th scope="row" title={kind.text}>{kind.text.charAt(0).toUpperCase() + kind.text.slice(1)}</th>
              <td className="bar-cell"><i style={{ width: `${(100 * kind.s) / most}%` }} /></td>
              <td>{secondsText(kind.s)}</td>
              <td className="quiet">{((100 * kind.s) / profile.wall_s).toFixed(1)} %</td>
            </tr>
          ))}
        </tbody>
      </table>
      <Paths profile={profile} />
    </div>
  );
}

function Paths({ profile }: { profile: RunProfile }) {
  const { actions } = useStudio();
  const rows = profile.rows.slice(0, ROWS);
  if (!rows.length) return null;
  return (
    <table>
      <caption className="sr">By population and projection</caption>
      <tbody>
        {rows.map((row) => (
          <tr key={`${row.kind} ${row.path}`}>
            <th scope="row"><button type="button" className="mono cut" title="Go there" onClick={() => actions.goTo(row.path.replace(/\[[^\]]*->.*\]$/, ""))}>{row.path}</button> <span className="quiet">{row.kind}</span></th>
            <td className="bar-cell"><i style={{ width: `${(100 * row.s) / rows[0]!.s}%` }} /></td>
            <td>{secondsText(row.s)}</td>
            <td className="quiet">{eachText(row)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const eachText = (row: ProfileRow): string => (row.ns === null ? "" : `${shortNumber(row.count)} × ${shortNumber(Number(row.ns.toPrecision(3)))} ns`);

function secondsText(s: number): string {
  if (s >= 100) return `${Math.round(s)} s`;
  if (s >= 1) return `${s.toPrecision(3)} s`;
  return s >= 1e-3 ? `${(s * 1e3).toPrecision(3)} ms` : `${Math.round(s * 1e6)} µs`;
}
