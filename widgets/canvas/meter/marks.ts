// What a report says of one box or line of the canvas: the copies it stands for, taken together.

import type { FitFinding, Loss, PathReport, Report, Use } from "../../core/report";
import { shortNumber } from "../model/values";

export type FitState = PathReport["state"];

export interface Mark {
  target: string;
  title: string;
  state: FitState;
  /** The resource it uses the largest part of. */
  binding: Use | null;
  cores: number;
  uses: Use[];
  losses: Loss[];
  findings: FitFinding[];
}

const RANK: readonly FitState[] = ["fits", "lossy", "over"];

export const part = (use: Use): number => (use.available > 0 ? use.used / use.available : use.used > 0 ? Infinity : 0);

/** Null where the report does not speak of it. */
export function markOf(report: Report, pattern: RegExp): Mark | null {
  const here = Object.entries(report.paths).filter(([path]) => pattern.test(path));
  const findings = report.findings.filter((finding) => speaksOf(finding, pattern));
  if (!here.length && !findings.length) return null;
  const known = here.map(([, path]) => path);
  const state = worst([...known.map((path) => path.state), stateOf(findings)]);
  const inside = known.filter((path) => path.kind !== "projection");
  return {
    target: report.target,
    title: report.title,
    state,
    binding: greatest(known.flatMap((path) => path.binding ?? [])),
    cores: inside.reduce((sum, path) => sum + path.cores, 0),
    uses: fullest(known.flatMap((path) => path.uses)),
    losses: known.flatMap((path) => path.losses),
    findings: distinct([...known.flatMap((path) => path.findings), ...findings]),
  };
}

/** At this place, mended there, or on a constraint of it. */
const speaksOf = ({ where, apply, about }: FitFinding, pattern: RegExp): boolean => [where, ...(apply ? [apply.where] : []), ...(about ?? [])].some((place) => pattern.test(place));

const stateOf = (findings: readonly FitFinding[]): FitState => (findings.some((one) => one.severity === "error") ? "over" : findings.some((one) => one.severity === "warning") ? "lossy" : "fits");

const worst = (states: readonly FitState[]): FitState => RANK[Math.max(0, ...states.map((state) => RANK.indexOf(state)))]!;

const greatest = (uses: readonly Use[]): Use | null => uses.reduce<Use | null>((most, use) => (most === null || part(use) > part(most) ? use : most), null);

/** Of each resource the fullest. */
function fullest(uses: readonly Use[]): Use[] {
  const most = new Map<string, Use>();
  for (const use of uses) if (!most.has(use.resource) || part(use) > part(most.get(use.resource)!)) most.set(use.resource, use);
  return [...most.values()].sort((a, b) => part(b) - part(a));
}

const SEVERITY = { error: 0, warning: 1, info: 2 };

/** Each said once, the worst first. */
export function distinct(findings: readonly FitFinding[]): FitFinding[] {
  const seen = new Map(findings.map((one) => [`${one.where} ${one.code} ${one.text}`, one]));
  return [...seen.values()].sort((a, b) => SEVERITY[a.severity] - SEVERITY[b.severity]);
}

/** What is said of several places, once: the first of them, with all their paths. */
export function grouped<F extends FitFinding>(findings: readonly F[]): { finding: F; places: string[] }[] {
  const groups = new Map<string, { finding: F; places: string[] }>();
  for (const finding of findings) {
    const name = JSON.stringify([finding.severity, finding.code, finding.text, finding.fix, finding.apply]);
    const known = groups.get(name);
    if (known) known.places.push(finding.where);
    else groups.set(name, { finding, places: [finding.where] });
  }
  return [...groups.values()];
}

/** `exc.model +11`: where, and at how many places more. */
export const placesText = (places: readonly string[]): string => `${places[0]}${places.length > 1 ? ` +${places.length - 1}` : ""}`;

/** What binds, in two words: “fan-in 320 of 256” where it is too much, “fan-in 62 %” where it is not. */
export function shortReason(mark: Mark): string {
  const wrong = mark.findings.find((one) => one.severity === "error");
  if (mark.state === "over" && wrong && !(mark.binding && part(mark.binding) > 1)) return wordOf(wrong.code);
  if (!mark.binding) return mark.state === "lossy" && mark.findings[0] ? wordOf(mark.findings[0].code) : "";
  return part(mark.binding) > 1 ? `${resourceText(mark.binding)} ${amounts(mark.binding)}` : `${resourceText(mark.binding)} ${percent(part(mark.binding))}`;
}

const ACRONYMS = new Set(["adc", "adcs", "bram", "dac", "dacs", "dsp", "dtcm", "itcm", "lut", "luts", "sdram", "sram"]);

/** `in_axons` as it is read, `dtcm` in capitals. */
export const resourceText = ({ resource }: Pick<Use, "resource">): string => resource.split("_").map((word) => (ACRONYMS.has(word) ? word.toUpperCase() : word)).join(" ");

const PREFIXES: readonly (readonly [least: number, prefix: string])[] = [[1e10, "G"], [1e7, "M"], [1e4, "k"]];
const UNITS: { [unit: string]: string } = { mm2: "mm²", um2: "µm²" };

/** A unit of many letters is left to the tip; bytes have a prefix, the same for both. */
export function amounts({ used, available, unit }: Use, whole = false): string {
  const [least, prefix] = (unit === "B" && PREFIXES.find(([from]) => available >= from)) || [10, ""];
  const [a, b] = [used, available].map((value) => shortNumber(round(value / (least / 10))));
  return `${a} of ${b}${unit && (whole || unit.length <= 4) ? `\u202f${prefix}${UNITS[unit] ?? unit}` : ""}`;
}

/** Never “100 %” for what is over, never “0 %” for what is used. */
export function percent(share: number): string {
  if (!Number.isFinite(share)) return "none left";
  const rounded = Math.round(share * 100);
  if (share > 1 && rounded <= 100) return "101\u202f%";
  return share > 0 && rounded === 0 ? "<\u202f1\u202f%" : `${shortNumber(rounded)}\u202f%`;
}

const round = (value: number): number => (Number.isInteger(value) ? value : Number(value.toPrecision(4)));

/** `fit.fan_in` is about fan-in. */
export const wordOf = (code: string): string => code.slice(code.indexOf(".") + 1).replace(/_/g, code.includes("fan_") ? "-" : " ");

export const SAID: Record<FitState, string> = { fits: "fits", lossy: "fits with losses", over: "does not fit" };

/** The whole of it in one sentence, for a tip and for a screen reader. */
export function sentence(mark: Mark): string {
  const about = mark.findings[0]?.text ?? (mark.binding ? `${resourceText(mark.binding)}: ${amounts(mark.binding)}` : "");
  const cores = mark.cores > 0 ? `, ${mark.cores === 1 ? "1 core" : `${shortNumber(mark.cores)} cores`}` : "";
  return `${mark.title}: ${SAID[mark.state]}${cores}.${about ? ` ${about}` : ""}`;
}

/** Where a finding leads: to what its fix would set, where that is known. A constraint is shown with the one it is about. */
export function leadsTo({ where, apply, about }: FitFinding): string {
  const places = [...(apply ? [apply.where] : []), where, ...(about ?? [])];
  return places.find((place) => !place.startsWith("constraints.")) ?? where;
}

/** What keeps a network off the chosen machines, each with the machine's name. */
export function offences(reports: { readonly [target: string]: Report }): FitFinding[] {
  return Object.values(reports).flatMap((report) => report.findings.filter((one) => one.severity === "error").map((one) => ({ ...one, text: `${report.title}: ${one.text}` })));
}

/** The worst of them that speaks of one thing. */
export function offenceOf(reports: { readonly [target: string]: Report }, pattern: RegExp): FitFinding | undefined {
  return offences(reports).find((one) => speaksOf(one, pattern));
}
