import { useEffect, useMemo, useRef, useState } from "react";

import { floorOf, type Report, type Tile } from "../../core/report";
import { Icon } from "../glyphs/Icon";
import { STATE_ICON } from "../meter/FitTag";
import { Uses } from "../meter/FitSection";
import { isStale } from "../meter/useMarks";
import { Fix } from "../meter/Fix";
import { amounts, distinct, grouped, leadsTo, part, percent, placesText, resourceText } from "../meter/marks";
import { pathPattern } from "../model/places";
import { shortNumber } from "../model/values";
import { useMeter, useSession, useStudio, useView } from "../studio";
import { verdictOf } from "../top/TargetChooser";
import { FloorPlan, placeOfCore, type Look } from "./floorplan";
import { Links } from "./Links";
import { tonesOf } from "./tones";
import { capacityOf, perSecond, workOf } from "./traffic";

const MOST = 6; // reasons why nothing is placed

/** The chips a network would lie on: totals beside the floor plan, linked with the canvas. */
export function ChipPane() {
  const state = useMeter((own) => own);
  const { meter } = useStudio();
  const [asked, ask] = useState("");
  const shown = state.chosen.includes(asked) ? asked : state.chosen[0];
  const report = shown === undefined ? undefined : state.reports[shown];
  useEffect(() => meter.watchLoads(), [meter]);
  if (shown === undefined) return <p className="none quiet" data-testid="no-chip">Choose a machine in the bar above: here you then see its cores, what lies on them, and what its links carry.</p>;
  const verdict = verdictOf({ ...state, chosen: [shown] });
  return (
    <div className="chip-pane" data-stale={isStale(state.phase)} data-testid="chip">
      <div className="chip-side scroll" tabIndex={0} role="region" aria-label="Totals">
        {state.chosen.length > 1 && (
          <div className="segments" role="radiogroup" aria-label="Which machine">
            {state.chosen.map((key) => (
              <button key={key} type="button" role="radio" aria-checked={key === shown} onClick={() => ask(key)}>{meter.titleOf(key)}</button>
            ))}
          </div>
        )}
        <p className="chip-verdict">
          <b>{meter.titleOf(shown)}</b>
          {verdict && <span className="fit-state" data-state={verdict}><Icon name={STATE_ICON[verdict]} size={13} /> {isStale(state.phase) ? "being computed" : verdict === "over" ? "does not fit" : verdict === "lossy" ? "fits with losses" : "fits"}</span>}
        </p>
        {report ? <Totals report={report} /> : <p className="quiet small">{state.why || "Being computed …"}</p>}
      </div>
      {report?.floor ? <Plan key={shown} report={report} stale={isStale(state.phase)} /> : report && <Unplaced report={report} />}
    </div>
  );
}

function Totals({ report }: { report: Report }) {
  const { actions } = useStudio();
  const wrong = report.findings.filter((finding) => finding.severity === "error").length;
  return (
    <>
      <Uses uses={report.totals} caption="Used and available on the whole machine" />
      {wrong > 0 && <button type="button" className="btn small line" onClick={() => actions.dock("findings")}>{wrong === 1 ? "1 thing does not fit" : `${wrong} things do not fit`}</button>}
      <Links report={report} />
      {report.unverified && <p className="quiet small note"><b>Not verified:</b> {report.unverified}</p>}
    </>
  );
}

/** Instead of a floor plan: what has to change before anything is placed. */
function Unplaced({ report }: { report: Report }) {
  const { actions } = useStudio();
  const wrong = grouped(distinct(report.findings.filter((finding) => finding.severity === "error")));
  return (
    <div className="unplaced scroll" data-testid="unplaced">
      <p className="quiet">Nothing is placed yet. {wrong.length ? "First has to change:" : ""}</p>
      {wrong.slice(0, MOST).map(({ finding, places }, k) => (
        <div key={k} className="fit-line" data-severity={finding.severity}>
          <span className="sev"><Icon name={finding.severity} size={12} /></span>
          <button type="button" className="link-text" title={places.join(", ")} onClick={() => actions.goTo(leadsTo(finding))}>
            <b className="mono">{placesText(places)}</b> {finding.text} {!finding.apply && <span className="quiet">{finding.fix}</span>}
          </button>
          <Fix finding={finding} />
        </div>
      ))}
      {wrong.length > MOST && <button type="button" className="btn small line" onClick={() => actions.dock("findings")}>and {wrong.length - MOST} more</button>}
    </div>
  );
}

function Plan({ report, stale }: { report: Report; stale: boolean }) {
  const { actions, view } = useStudio();
  const floor = floorOf(report.floor!);
  const document = useSession((state) => state.document);
  const catalogue = useSession((state) => state.catalogue);
  const selected = useView((state) => state.selection);
  const trail = useView((state) => state.trail);
  const host = useRef<HTMLDivElement>(null);
  const plan = useRef<FloorPlan>(null);
  const [links, showLinks] = useState(true);
  const [pointed, point] = useState<{ tile: Tile | null; core: number } | null>(null);
  const paths = useMemo(() => [...new Set(floor.tiles.flatMap((tile) => tile.parts.map(([path]) => path)))], [floor]);
  const tones = useMemo(() => tonesOf(document, catalogue, paths), [document, catalogue, paths]);
  const chosen = useMemo(() => {
    const patterns = selected.nodes.map((key) => pathPattern(trail, key));
    return new Set(paths.filter((path) => patterns.some((pattern) => pattern.test(path))));
  }, [selected, trail, paths]);
  const look: Look = { floor, tones, chosen, capacity: capacityOf(report), links, stale };
  const latest = useRef(look);
  latest.current = look;
  useEffect(() => {
    plan.current = new FloorPlan(host.current!, latest.current, {
      point: (tile, core) => point(core === null ? null : { tile, core }),
      pick: (tile) => {
        const most = tile?.parts.reduce((a, b) => (b[1] > a[1] ? b : a), tile.parts[0] ?? ["", 0]);
        if (most?.[0]) (actions.goTo(most[0]), view.set({ focus: null }));
        else view.select({});
      },
    });
    return () => plan.current?.destroy();
  }, [actions, view]);
  useEffect(() => plan.current?.show(latest.current), [floor, tones, chosen, stale, links, look.capacity]);
  const names = [...new Map([...tones.values()].map((one) => [`${one.tone}${one.shade}`, one])).values()];
  return (
    <div className="plan">
      <div className="plan-host" ref={host} data-testid="floor-plan" data-tiles={floor.tiles.length} data-chosen={chosen.size} />
      <div className="plan-tools" role="toolbar" aria-label="Floor plan">
        {floor.links.length > 0 && <button type="button" className="btn small icon" aria-pressed={links} aria-label="Links" title="Links: the more they carry, the wider; dashed where it is more than they can; a ring round the fullest" onClick={() => showLinks(!links)}><Icon name="link" size={13} /></button>}
        <button type="button" className="btn small icon" aria-label="Zoom out" title="Zoom out (−)" onClick={() => plan.current?.zoomBy(1 / 1.5)}><Icon name="minus" size={13} /></button>
        <button type="button" className="btn small icon" aria-label="Zoom in" title="Zoom in (+)" onClick={() => plan.current?.zoomBy(1.5)}><Icon name="plus" size={13} /></button>
        <button type="button" className="btn small icon" aria-label="Show what is used, then everything" title="Show what is used, then everything (0)" onClick={() => plan.current?.fit()}><Icon name="fit" size={13} /></button>
      </div>
      <p className="plan-legend small">
        {names.slice(0, 8).map((one) => <span key={`${one.tone}${one.shade}`}><i data-sign={one.tone === "population" ? "none" : one.tone} data-shade={one.shade % (one.tone === "population" ? 4 : 5)} />{one.name}</span>)}
        {names.length > 8 && <span className="quiet">and {names.length - 8} more</span>}
      </p>
      <p className="plan-said small" role="status" aria-live="polite" data-testid="core-said" data-empty={pointed === null}>{pointed ? said(report, pointed) : "Filled as far as the fullest resource. Point at a core to read more."}</p>
    </div>
  );
}

/** A core in words: where it lies, who lies on it, and what binds them. */
function said(report: Report, { tile, core }: { tile: Tile | null; core: number }): string {
  const floor = floorOf(report.floor!);
  const { chip, x, y } = placeOfCore(floor, core);
  const where = `Core ${core}${floor.chips > 1 ? ` on chip ${chip}` : ""} (${x}, ${y})`;
  if (!tile) return `${where}: free`;
  const who = tile.parts.map(([path, n]) => {
    const binding = report.paths[path]?.binding;
    return `${path} ${shortNumber(n)}${binding ? ` (${resourceText(binding)} up to ${amounts(binding)}, ${percent(part(binding))})` : ""}`;
  });
  const work = report.traffic && workOf(report.traffic).get(core);
  const does = work ? [`${perSecond(work.synaptic)} synaptic events${work.busy === null ? "" : `, ${percent(Math.max(work.busy, work.busiest ?? 0))} of a step`}`] : [];
  return [`${where}: ${percent(tile.full)} full`, ...who, ...does].join(" · ");
}
