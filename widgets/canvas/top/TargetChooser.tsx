import { useRef, useState, type KeyboardEvent } from "react";

import { Icon } from "../glyphs/Icon";
import { STATE_ICON } from "../meter/FitTag";
import type { FitState } from "../meter/marks";
import { isStale } from "../meter/useMarks";
import type { MeterState } from "../meter/meter";
import { useMeter, useSession, useStudio } from "../studio";
import { useDismiss } from "./useDismiss";

/** Which machines the network is meant for. Each chosen one is measured while one draws; the document remembers them. */
export function TargetChooser() {
  const { meter, actions, view } = useStudio();
  const state = useMeter((own) => own);
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const close = (): void => {
    setOpen(false);
    if (box.current?.contains((box.current.getRootNode() as Document | ShadowRoot).activeElement)) opener.current?.focus();
  };
  useDismiss(box, open, close);
  const keys = (event: KeyboardEvent<HTMLDivElement>): void => {
    const sign = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (!sign) return;
    event.preventDefault();
    if (!open) return setOpen(true);
    const all = [...event.currentTarget.querySelectorAll<HTMLElement>("[role^=menuitem]")];
    all[(all.indexOf(event.target as HTMLElement) + sign + all.length) % all.length]?.focus();
  };
  const { chips, chosen } = state;
  const verdict = verdictOf(state);
  const name = chosen.length === 0 ? "Target" : chosen.length === 1 ? meter.titleOf(chosen[0]!) : `${chosen.length} targets`;
  return (
    <div className="menu targets" ref={box} onKeyDown={keys}>
      <button ref={opener} type="button" className="btn" aria-haspopup="menu" aria-expanded={open} aria-label={`${name}${verdict ? `: ${WORD[verdict]}` : ""}. Choose the machines the network is meant for`} title="The machines the network is meant for" data-testid="targets" data-state={verdict} data-stale={isStale(state.phase)} onClick={() => setOpen(!open)}>
        <Icon name="chip" size={15} />
        <span className="word">{name}</span>
        {verdict && <span className="fit-state" data-state={verdict} data-stale={isStale(state.phase)}><Icon name={STATE_ICON[verdict]} size={13} /></span>}
        {state.phase === "failed" && <span className="fit-state" data-state="lossy" title={state.why}><Icon name="warning" size={13} /></span>}
        <Icon name="chevron" size={12} />
      </button>
      <span className="sr" role="status">{state.phase === "fresh" && verdict ? `${name}: ${WORD[verdict]}` : ""}</span>
      {open && (
        <div className="popover" role="menu" aria-label="Targets">
          <Offer state={state} />
          {chips?.map((chip) => (
            <button key={chip.key} type="button" role="menuitemcheckbox" aria-checked={chosen.includes(chip.key)} className="item check" title={chip.doc} data-testid={`target-${chip.key}`} onClick={() => meter.toggle(chip.key)}>
              <span className="box" aria-hidden="true" data-on={chosen.includes(chip.key)}>{chosen.includes(chip.key) && <Icon name="check" size={12} />}</span>
              <span className="two"><span>{chip.title}</span><small>{chip.doc}</small></span>
              <Verdict state={state} target={chip.key} />
            </button>
          ))}
          {chosen.length > 0 && (
            <div role="group">
              <div className="rule" />
              <button type="button" role="menuitem" className="item" data-testid="show-chip" onClick={() => (close(), actions.dock("chip"))}>Show the floor plan</button>
              <button type="button" role="menuitem" className="item" data-testid="compile-chosen" onClick={() => (setOpen(false), view.set({ overlay: { compile: chosen[0]! } }))}>Compile …</button>
              <button type="button" role="menuitem" className="item" onClick={() => (close(), meter.choose([]))}>No target</button>
            </div>
          )}
        </div>
      )}
    </div>
  );
}

const WORD: Record<FitState, string> = { fits: "it fits", lossy: "it fits with losses", over: "it does not fit" };

function Offer({ state }: { state: MeterState }) {
  const reason = useSession((session) => (session.connection === "live" ? "" : session.can.reason));
  if (state.chips?.length) return state.why ? <p className="small quiet pad" role="status">{state.why}</p> : null;
  return <p className="small quiet pad">{state.chips ? "No compiler is installed." : reason || "Asking Python which machines there are …"}</p>;
}

function Verdict({ state, target }: { state: MeterState; target: string }) {
  const report = state.reports[target];
  if (!report) return null;
  const found = stateOf(report);
  return <span className="end fit-state" data-state={found} data-stale={isStale(state.phase)}><Icon name={STATE_ICON[found]} size={13} /><span className="sr">{WORD[found]}</span></span>;
}

function stateOf(report: MeterState["reports"][string]): FitState {
  if (!report.fits) return "over";
  return Object.values(report.paths).some((path) => path.state === "lossy") ? "lossy" : "fits";
}

/** The worst of the chosen; nothing before the first answer. */
export function verdictOf({ reports, chosen, phase }: MeterState): FitState | undefined {
  const known = chosen.flatMap((key) => (reports[key] ? stateOf(reports[key]) : []));
  if (!known.length || phase === "failed") return undefined;
  return known.includes("over") ? "over" : known.includes("lossy") ? "lossy" : "fits";
}
