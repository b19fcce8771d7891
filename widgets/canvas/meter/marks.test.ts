// What a report says of one box of the canvas, in a word, a number and a sentence; and fixes that are values.

import assert from "node:assert/strict";
import test from "node:test";

import { bundledCatalogue } from "../../core/bundled";
import { complete } from "../../core/complete";
import { applyPatch, resolve } from "../../core/edit";
import type { InstanceNode } from "../../core/document";
import type { FitFinding, PathReport, Report, Use } from "../../core/report";
import { SAMPLES } from "../../dev/samples";
import { pathPattern } from "../model/places";
import { commandOf } from "./apply";
import { amounts, grouped, leadsTo, markOf, offences, percent, placesText, sentence, shortReason } from "./marks";

const use = (resource: string, used: number, available: number, unit = ""): Use => ({ resource, used, available, unit, where: "core 0" });
const path = (state: PathReport["state"], uses: Use[], findings: FitFinding[] = [], cores = 1): PathReport => ({
  kind: "population",
  state,
  cores,
  binding: uses[0] ?? null,
  uses,
  losses: [],
  findings,
});
const wrong: FitFinding = { code: "fit.fan_in", severity: "error", where: "cols[1].exc", text: "Too many.", fix: "Set cols.p1.connector.k to 4.", apply: { where: "cols.p1.connector.k", value: 4, unit: "" } };
const report = {
  target: "loihi",
  title: "Loihi",
  fits: false,
  findings: [wrong],
  paths: {
    "cols[0].exc": path("fits", [use("in_axons", 30, 100)], [], 2),
    "cols[1].exc": path("over", [use("in_axons", 320, 256), use("neurons", 10, 100)], [wrong], 3),
    "cols[1].p1": { ...path("fits", []), kind: "projection", cores: 0 },
    drive: { ...path("fits", []), kind: "source", cores: 0 },
  },
} as unknown as Report;
const inside = [{ circuit: "main" }, { circuit: "column", via: "cols" }];

test("copies are taken together: the worst state, the fullest of each resource, all cores", () => {
  const mark = markOf(report, pathPattern(inside, "exc"))!;
  assert.equal(mark.state, "over");
  assert.equal(mark.cores, 5);
  assert.deepEqual(mark.uses.map((one) => one.used), [320, 10]);
  assert.equal(mark.findings.length, 1, "said by the path and by the report, shown once");
  assert.equal(shortReason(mark), "in axons 320 of 256");
  assert.match(sentence(mark), /^Loihi: does not fit, 5 cores\. Too many\.$/);
});

test("an instance shows what is inside it, and a wire what is mended there", () => {
  assert.equal(markOf(report, pathPattern([{ circuit: "main" }], "cols"))!.state, "over");
  const wire = markOf(report, pathPattern(inside, "p1"))!;
  assert.equal(wire.state, "over");
  assert.equal(leadsTo(wire.findings[0]!), "cols.p1.connector.k");
  assert.equal(leadsTo({ ...wrong, where: "constraints.0", apply: undefined, about: ["exc"] }), "exc");
  assert.equal(leadsTo({ ...wrong, where: "out", apply: { where: "constraints.0.limit", value: 15, unit: "" } }), "out");
  assert.equal(markOf(report, pathPattern([{ circuit: "main" }], "drive"))!.state, "fits");
  assert.equal(markOf(report, pathPattern([{ circuit: "main" }], "nobody")), null);
});

test("numbers never say what is not so", () => {
  assert.equal(percent(1.001), "101\u202f%");
  assert.equal(percent(0.001), "<\u202f1\u202f%");
  assert.equal(percent(Infinity), "none left");
  assert.equal(amounts(use("memory", 1234.5678, 2000, "KiB")), "1235 of 2000\u202fKiB");
  assert.equal(amounts(use("neurons", 3, 4, "compartments")), "3 of 4");
  assert.equal(amounts(use("dtcm", 46_000_000, 149_000_000, "B")), "46 of 149\u202fMB");
  assert.equal(amounts(use("sdram", 10_064, 65_536, "B")), "10.06 of 65.54\u202fkB");
  assert.equal(amounts(use("registers", 12, 64, "B")), "12 of 64\u202fB");
  assert.deepEqual(offences({ loihi: report }).map((one) => one.text), ["Loihi: Too many."]);
});

test("what is said of many copies stands once, with all of its places", () => {
  const said = (where: string): FitFinding => ({ code: "lossy.model", severity: "info", where, text: "Whole numbers.", fix: "" });
  const groups = grouped([said("cols[0].exc"), wrong, said("cols[1].exc")]);
  assert.deepEqual(groups.map(({ places }) => placesText(places)), ["cols[0].exc +1", "cols[1].exc"]);
  assert.deepEqual(groups[0]!.places, ["cols[0].exc", "cols[1].exc"]);
});

test("a fix that is a value becomes one command that undo takes back", () => {
  const catalogue = bundledCatalogue();
  const applied = (where: string, value: number | string, unit = "") => {
    const command = commandOf(complete(SAMPLES["ei"]!), catalogue, { where, value, unit });
    return command && applyPatch(SAMPLES["ei"]!, resolve(SAMPLES["ei"]!, command).patch);
  };
  assert.equal((applied("exc.size", 12)!.circuits["main"]!.nodes!["exc"] as { size: number }).size, 12);
  assert.deepEqual((applied("exc.tau_m", 15, "ms")!.circuits["main"]!.nodes!["exc"] as { params: object }).params, { ...(SAMPLES["ei"]!.circuits["main"]!.nodes!["exc"] as { params?: object }).params, tau_m: { value: 15, unit: "ms" } });
  const key = Object.keys(SAMPLES["ei"]!.circuits["main"]!.projections!)[0]!;
  assert.deepEqual(applied(`${key}.delay`, 2, "ms")!.circuits["main"]!.projections![key]!.delay, { value: 2, unit: "ms" });
  assert.equal(applied(`${key}.connector.k`, 4)!.circuits["main"]!.projections![key]!.connector!.params!["k"], 4);
  assert.equal(applied(`${key}.kinetics`, "delta")!.circuits["main"]!.projections![key]!.kinetics!.model, "delta");
  assert.equal((applied("exc.model", "adex")!.circuits["main"]!.nodes!["exc"] as { model: string }).model, "adex");
  assert.deepEqual(applied("run.dt", 1, "ms")!.run!.dt, { value: 1, unit: "ms" });
  assert.equal(applied("nobody.size", 3), null);
  assert.equal(applied("constraints.0.limit", 3), null, "there is no such constraint");
});

test("a fix sets an instance's override where there is one, and leaves its circuit", () => {
  const columns = complete(SAMPLES["columns"]!);
  const command = commandOf(columns, bundledCatalogue(), { where: "cols[0].exc.tau_m", value: 12, unit: "ms" });
  const made = applyPatch(SAMPLES["columns"]!, resolve(SAMPLES["columns"]!, command!).patch);
  assert.deepEqual((made.circuits["sheet"]!.nodes!["cols"] as InstanceNode).override, { "exc.tau_m": { value: 12, unit: "ms" } });
  assert.deepEqual(made.circuits["column"], SAMPLES["columns"]!.circuits["column"]);
});
