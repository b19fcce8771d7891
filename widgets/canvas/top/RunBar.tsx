import { convert } from "../../core/units";
import { Icon } from "../glyphs/Icon";
import { NumberField } from "../inspector/NumberField";
import { setAt } from "../model/pointer";
import { FREE, partsOf, readableTime, shortNumber } from "../model/values";
import { useSession, useStudio, useView } from "../studio";
import { Progress, timeText } from "./Progress";
import { startRun } from "./startRun";

const TIME = { ...FREE, low: 0, low_open: true, unit: "ms" };
const SEED = { ...FREE, low: 0, integer: true };

/** How long, which seed, Run or Cancel, and how far it has come. */
export function RunBar() {
  const { session, view, actions } = useStudio();
  const run = useSession((state) => state.document.run) ?? {};
  const phase = useSession((state) => state.run.state);
  const can = useSession((state) => state.can);
  const catalogue = useSession((state) => state.catalogue);
  const errors = useSession((state) => state.findings.filter((finding) => finding.severity === "error").length);
  const narrow = useView((view) => view.width === "narrow");
  const busy = phase === "running" || phase === "preparing";
  const written = partsOf(run.duration ?? 1000, "ms");
  const duration = readableTime(catalogue, written.numbers[0] ?? 1000, written.unit);
  const why = !can.run ? can.reason || "Running is not possible here." : errors ? `${errors === 1 ? "An error stands" : `${errors} errors stand`} in the way: see Findings.` : "";
  const explain = (): void => {
    view.say(why);
    if (can.run) actions.dock("findings");
  };
  return (
    <div className="runbar" role="group" aria-label="Run">
      {!narrow && (
        <>
          <label>
            for
            <NumberField name="duration" title={`Simulated time: ${timeText(convert(catalogue, duration.value, duration.unit, "ms") ?? 0)}`} value={duration.value} unit={duration.unit} bounds={TIME} className="duration" onCommit={(value, unit) => void session.dispatch(setAt(["run", "duration"], { value, unit }, "Set duration"))} />
          </label>
          <label>
            seed
            <NumberField name="seed" title="The same seed gives the same spikes" value={run.seed ?? 1} bounds={SEED} className="seed" onCommit={(seed) => void session.dispatch(setAt(["run", "seed"], seed, "Set seed"))} />
          </label>
        </>
      )}
      {busy ? (
        <button type="button" className="btn line" data-testid="cancel" title="Cancel; what was recorded stays (Esc)" onClick={() => session.cancel()}>
          <Icon name="stop" size={14} /> Cancel
        </button>
      ) : (
        <button type="button" className="btn primary" data-testid="run" aria-disabled={why ? true : undefined} title={why || `Run ${shortNumber(duration.value)} ${duration.unit} (Ctrl Enter)`} onClick={() => (why ? explain() : startRun(session))}>
          <Icon name="play" size={14} /> Run
        </button>
      )}
      <span className="progress-slot">
        <Progress className="beside" />
      </span>
    </div>
  );
}
