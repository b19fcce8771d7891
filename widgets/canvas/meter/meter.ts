// The fit meter: which machines are chosen, and what Python says of the document on each. Asked when the hand rests; only the newest answer counts.

import type { Document } from "../../core/document";
import type { Chip, Report } from "../../core/report";
import type { Session, SessionState } from "../../core/session";
import { sameNetwork } from "../../core/stale";
import { setAt, unsetAt } from "../model/pointer";

/** `stale`: the network has changed since, an answer is on its way. `failed`: there is none, and `why` says so. */
export type Phase = "off" | "asking" | "fresh" | "stale" | "failed";

export interface MeterState {
  /** The machines there are; null until Python has said. */
  chips: readonly Chip[] | null;
  chosen: readonly string[];
  phase: Phase;
  /** By target, in the order they were chosen; of an earlier document while `stale`. */
  reports: { readonly [target: string]: Report };
  /** Whether what the links carry is being counted; it takes longer and comes after. */
  counting: boolean;
  why: string;
}

/** How long the hand must rest before Python is asked [ms]. */
export const REST = 90;
const NONE: readonly string[] = [];
const OFF: MeterState = { chips: null, chosen: NONE, phase: "off", reports: {}, counting: false, why: "" };

/** What was asked last: an answer to anything older is dropped. */
interface Asked {
  document: Document;
  targets: readonly string[];
}

/** What the links carry: by stated rates, or in the latest run. */
type Loads = "stated" | "run";
type Later = (act: () => void, ms: number) => () => void;
const later: Later = (act, ms) => {
  const timer = setTimeout(act, ms);
  return () => clearTimeout(timer);
};

export class Meter {
  private state: MeterState = OFF;
  private asked: Asked | null = null;
  /** Whose loads were asked for last; null once the network has changed. */
  private counted: Loads | null = null;
  private numbers = 0;
  private asking = false;
  private watched = 0;
  private forget: () => void = () => undefined;
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly session: Session,
    private readonly after: Later = later,
  ) {}

  readonly get = (): MeterState => this.state;
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };

  /** Follows the session until what comes back is called. */
  start(): () => void {
    const stop = this.session.subscribe(() => this.follow());
    this.follow();
    return () => {
      stop();
      this.forget();
    };
  }

  /** Chooses machines; the document remembers them, its model does not. */
  choose(targets: readonly string[]): void {
    const titles = targets.map((key) => this.titleOf(key));
    const label = titles.length ? `Choose ${titles.join(", ")}` : "Choose no target";
    this.session.dispatch(targets.length ? setAt(["metadata", "targets"], [...targets], label) : unsetAt(["metadata", "targets"], label));
  }

  toggle(key: string): void {
    const { chosen } = this.state;
    this.choose(chosen.includes(key) ? chosen.filter((one) => one !== key) : [...chosen, key]);
  }

  /** Somebody looks at the links, until what comes back is called. */
  watchLoads(): () => void {
    this.watched += 1;
    this.follow();
    return () => void (this.watched -= 1);
  }

  titleOf(key: string): string {
    return this.state.chips?.find((chip) => chip.key === key)?.title ?? this.state.reports[key]?.title ?? key;
  }

  private follow(): void {
    const session = this.session.getState();
    if (session.connection === "live" && this.state.chips === null && !this.asking) void this.list();
    const chosen = chosenIn(session.document);
    if (!sameList(chosen, this.state.chosen)) this.set({ chosen, reports: kept(this.state.reports, chosen) });
    if (!chosen.length || session.connection !== "live") return this.rest(session);
    if (this.isAsked(session, chosen)) return this.load(session);
    this.counted = null;
    const known = Object.keys(this.state.reports).length > 0;
    if (!["stale", "asking"].includes(this.state.phase)) this.set({ phase: known ? "stale" : "asking", why: "" });
    this.forget();
    this.forget = this.after(() => void this.ask(), REST);
  }

  /** What the links carry is asked once it is known what fits, while somebody looks. */
  private load(session: SessionState): void {
    const loads = loadsOf(session);
    if (!this.watched || this.state.phase !== "fresh" || this.counted === loads) return;
    this.counted = loads;
    void this.count(loads);
  }

  private rest({ connection }: SessionState): void {
    this.forget();
    this.asked = null;
    this.counted = null;
    this.numbers += 1;
    if (!this.state.chosen.length) {
      if (this.state.phase !== "off") this.set({ phase: "off", reports: {}, counting: false, why: "" });
      return;
    }
    const why = connection === "connecting" ? "" : "Whether a network fits is computed in Python, which is not here.";
    if (this.state.phase !== "failed" || this.state.why !== why) this.set({ phase: why ? "failed" : "asking", why });
  }

  private isAsked(session: SessionState, targets: readonly string[]): boolean {
    const { asked } = this;
    return asked !== null && sameList(asked.targets, targets) && sameNetwork(asked.document, session.document);
  }

  private async list(): Promise<void> {
    this.asking = true;
    const answer = await this.session.ask("chips", {});
    this.asking = false;
    this.set({ chips: answer?.chips ?? [] });
  }

  private async ask(): Promise<void> {
    const session = this.session.getState();
    const targets = this.state.chosen;
    const number = (this.numbers += 1);
    this.asked = { document: session.document, targets };
    const answer = await this.session.ask("fit", { targets: [...targets], loads: "" });
    if (number !== this.numbers) return; // a newer question is on its way
    if (!answer) return this.set({ phase: "failed", why: "Python gave no answer." });
    const still = sameNetwork(this.asked.document, this.session.getState().document);
    this.set({ phase: answer.why ? "failed" : still ? "fresh" : "stale", reports: answer.reports, why: answer.why, counting: false });
    this.follow();
  }

  private async count(loads: Loads): Promise<void> {
    const number = this.numbers;
    this.set({ counting: true });
    const answer = await this.session.ask("fit", { targets: [...this.state.chosen], loads });
    if (number !== this.numbers || this.counted !== loads) return; // of another network, or another run
    if (!answer || answer.why || this.state.phase !== "fresh") this.set({ counting: false });
    else this.set({ counting: false, reports: answer.reports });
  }

  private set(change: Partial<MeterState>): void {
    this.state = { ...this.state, ...change };
    for (const listener of [...this.listeners]) listener();
  }
}

/** The targets a document remembers. */
export function chosenIn({ metadata }: Document): readonly string[] {
  const targets = metadata?.["targets"];
  return Array.isArray(targets) ? targets.filter((key): key is string => typeof key === "string") : NONE;
}

/** The latest run where it is of the document as it stands, else stated rates. */
function loadsOf({ run }: SessionState): Loads {
  return (run.state === "done" || run.state === "cancelled") && !run.stale ? "run" : "stated";
}

function kept(reports: MeterState["reports"], chosen: readonly string[]): MeterState["reports"] {
  return Object.fromEntries(Object.entries(reports).filter(([key]) => chosen.includes(key)));
}

const sameList = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((one, k) => one === b[k]);
