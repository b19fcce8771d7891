import type { Binding, Corner, Report } from "../../core/report";
import { Bar } from "../meter/FitTag";
import { percent } from "../meter/marks";
import { useMeter, useStudio } from "../studio";
import { perSecond, workload } from "./traffic";

/** What the links carry and how long a step's work takes: the fullest link, the busiest core, and because of whom. */
export function Links({ report }: { report: Report }) {
  const { actions } = useStudio();
  const counting = useMeter((state) => state.counting);
  const { traffic } = report;
  if (!traffic) return counting && report.floor ? <p className="small quiet" role="status">Counting what the links carry …</p> : null;
  const work = workload(traffic);
  const first = traffic.links.events.length ? { from: traffic.links.from[0]!, to: traffic.links.to[0]!, events: traffic.links.events[0]!, capacity: traffic.links.capacity[0] ?? null, path: traffic.links.paths[0]! } : null;
  return (
    <section className="traffic" aria-label="Traffic" data-testid="traffic" data-measured={traffic.measured}>
      <h4>Traffic <span className="quiet">{traffic.measured ? "in the latest run" : "estimated: neurons at 10 Hz; press Run to measure"}</span></h4>
      <table className="uses">
        <tbody>
          {first && (
            <tr data-over={first.capacity !== null && first.events > first.capacity} title={`${cornerText(first.from)} to ${cornerText(first.to)}`}>
              <th scope="row">fullest link</th>
              <td className="bar-cell">{first.capacity !== null && <Bar share={first.events / first.capacity} wide />}</td>
              <td>{perSecond(first.events)}{first.capacity === null ? "" : ` of ${perSecond(first.capacity)}`}</td>
            </tr>
          )}
          {work && (
            <tr data-over={work.most > 1} title={`In the mean ${percent(work.mean)} of a step of ${traffic.dt_ms} ms`}>
              <th scope="row">busiest core</th>
              <td className="bar-cell"><Bar share={work.most} wide /></td>
              <td>{percent(work.most)} of a step</td>
            </tr>
          )}
          {work && (
            <tr data-over={work.most > 1}>
              <th scope="row">timing slack</th>
              <td />
              <td>{Number(((1 - work.most) * traffic.dt_ms).toPrecision(3))} ms of {traffic.dt_ms} ms</td>
            </tr>
          )}
          <tr>
            <th scope="row">spikes</th>
            <td />
            <td>{perSecond(traffic.events_per_s["spikes"] ?? 0)}</td>
          </tr>
          <tr>
            <th scope="row">synaptic events</th>
            <td />
            <td>{perSecond(traffic.events_per_s["synaptic"] ?? 0)}</td>
          </tr>
        </tbody>
      </table>
      {traffic.binding && (
        <p className="small">
          {bindingText(traffic.binding)} <button type="button" className="mono under" onClick={() => actions.goTo(traffic.binding!.path)}>{traffic.binding.path}</button>
        </p>
      )}
    </section>
  );
}

const cornerText = ([chip, x, y]: Corner): string => `chip ${chip} (${x}, ${y})`;

function bindingText(binding: Binding): string {
  if (binding.kind === "link") return `The link from ${cornerText(binding.from)} to ${cornerText(binding.to)} binds, most of it for`;
  return `Core ${binding.core} binds, most of its work for`;
}
