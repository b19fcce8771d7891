// The fit meter: asked when the hand rests, only the newest answer counts, and what is old looks old.

import assert from "node:assert/strict";
import test from "node:test";

import { bundledCatalogue } from "../../core/bundled";
import { LocalSession } from "../../core/local";
import type { Question, Questions } from "../../core/questions";
import type { Report } from "../../core/report";
import type { Session, SessionState } from "../../core/session";
import { SAMPLES } from "../../dev/samples";
import { setAt } from "../model/pointer";
import { Meter } from "./meter";

const REPORT = { target: "mock", title: "Mock", fits: true, paths: {}, findings: [] } as unknown as Report;

type Fit = Questions["fit"]["value"] | null;

/** A session whose Python answers when the test says so. */
function stand() {
  const own = new LocalSession({ catalogue: bundledCatalogue(), document: SAMPLES["ei"]! });
  let change: Partial<SessionState> = { connection: "live" };
  const asked: { given: Questions["fit"]["given"]; answer: (value: Fit) => void }[] = [];
  const session: Pick<Session, "getState" | "ask" | "dispatch" | "subscribe"> = {
    dispatch: own.dispatch.bind(own),
    subscribe: own.subscribe,
    getState: (): SessionState => ({ ...own.getState(), ...change }),
    ask<Q extends Question>(what: Q, given: Questions[Q]["given"]): Promise<Questions[Q]["value"] | null> {
      if (what === "chips") return Promise.resolve({ chips: [{ key: "mock", title: "Mock", doc: "", options: [] }] } as unknown as Questions[Q]["value"]);
      return new Promise((resolve) => asked.push({ given: given as unknown as Questions["fit"]["given"], answer: resolve as (value: Fit) => void }));
    },
  };
  const rests: (() => void)[] = [];
  const meter = new Meter(session as Session, (act) => {
    rests.push(act);
    return () => void rests.splice(rests.indexOf(act), 1);
  });
  meter.start();
  /** The hand rests: what waits is asked. */
  const rest = (): void => rests.splice(0).forEach((act) => act());
  const run = (state: Partial<SessionState>): void => {
    change = { ...change, ...state };
    own.dispatch(setAt(["layout", "main", "exc"], { x: Math.random() }));
  };
  return { own, meter, asked, rest, run };
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

test("nothing is asked while no machine is chosen, and what is chosen stands in the document but not in its model", async () => {
  const { own, meter, asked, rest } = stand();
  rest();
  assert.equal(meter.get().phase, "off");
  await settled();
  assert.equal(meter.get().chips![0]!.title, "Mock");
  meter.toggle("mock");
  assert.deepEqual(own.getState().document.metadata, { targets: ["mock"] });
  assert.equal(own.getState().undo, "Choose Mock");
  assert.equal(asked.length, 0, "the hand has not rested yet");
  rest();
  assert.deepEqual(asked[0]!.given, { targets: ["mock"], loads: "" });
  asked[0]!.answer({ reports: { mock: REPORT }, why: "" });
  await settled();
  assert.equal(meter.get().phase, "fresh");
  meter.choose([]);
  assert.equal(meter.get().phase, "off");
  assert.deepEqual(meter.get().reports, {});
});

test("an edit makes the answer stale at once; edits in a row are one question; an older answer is dropped", async () => {
  const { own, meter, asked, rest } = stand();
  meter.toggle("mock");
  rest();
  asked[0]!.answer({ reports: { mock: REPORT }, why: "" });
  await settled();
  own.dispatch(setAt(["circuits", "main", "nodes", "exc", "size"], 5));
  assert.equal(meter.get().phase, "stale");
  assert.equal(meter.get().reports["mock"]!.fits, true, "the old answer stays in sight");
  own.dispatch(setAt(["circuits", "main", "nodes", "exc", "size"], 6));
  rest();
  assert.equal(asked.length, 2);
  own.dispatch(setAt(["circuits", "main", "nodes", "exc", "size"], 7));
  rest();
  asked[2]!.answer({ reports: { mock: { ...REPORT, fits: false } }, why: "" });
  await settled();
  asked[1]!.answer({ reports: { mock: REPORT }, why: "" });
  await settled();
  assert.equal(meter.get().reports["mock"]!.fits, false);
  assert.equal(meter.get().phase, "fresh");
});

test("an answer that comes after an edit is shown as stale", async () => {
  const { own, meter, asked, rest } = stand();
  meter.toggle("mock");
  rest();
  own.dispatch(setAt(["circuits", "main", "nodes", "exc", "size"], 5));
  asked[0]!.answer({ reports: { mock: REPORT }, why: "" });
  await settled();
  assert.equal(meter.get().phase, "stale");
});

test("moving a box asks nothing; a constraint does", async () => {
  const { own, meter, asked, rest } = stand();
  meter.toggle("mock");
  rest();
  asked[0]!.answer({ reports: { mock: REPORT }, why: "" });
  await settled();
  own.dispatch({ command: "move", circuit: "main", positions: { exc: { x: 1, y: 2 } } });
  rest();
  assert.equal(asked.length, 1);
  assert.equal(meter.get().phase, "fresh");
  own.dispatch(setAt(["constraints"], [{ kind: "fan_in", path: "exc", limit: 4 }]));
  rest();
  assert.equal(asked.length, 2);
});

test("what the links carry is asked while somebody looks, and of the latest run where it is of this network", async () => {
  const { own, meter, asked, rest, run } = stand();
  meter.toggle("mock");
  rest();
  asked[0]!.answer({ reports: { mock: REPORT }, why: "" });
  await settled();
  const stop = meter.watchLoads();
  assert.equal(asked[1]!.given.loads, "stated");
  assert.ok(meter.get().counting && meter.get().phase === "fresh", "what is known stays fresh while it is counted");
  asked[1]!.answer({ reports: { mock: { ...REPORT, dialect: "counted" } }, why: "" });
  await settled();
  assert.equal(meter.get().reports["mock"]!.dialect, "counted");
  run({ run: { ...own.getState().run, state: "done", stale: false } });
  assert.equal(asked[2]!.given.loads, "run");
  own.dispatch(setAt(["circuits", "main", "nodes", "exc", "size"], 5));
  rest();
  asked[2]!.answer({ reports: { mock: { ...REPORT, dialect: "old" } }, why: "" });
  await settled();
  assert.notEqual(meter.get().reports["mock"]!.dialect, "old");
  asked[3]!.answer({ reports: { mock: REPORT }, why: "" });
  await settled();
  assert.equal(asked[4]!.given.loads, "run");
  stop();
  own.dispatch(setAt(["circuits", "main", "nodes", "exc", "size"], 6));
  rest();
  asked[5]!.answer({ reports: { mock: REPORT }, why: "" });
  await settled();
  assert.equal(asked.length, 6, "nobody looks any more");
});

test("what stands in the way is said", async () => {
  const { meter, asked, rest, run } = stand();
  meter.toggle("mock");
  rest();
  asked[0]!.answer({ reports: {}, why: "It has an error." });
  await settled();
  assert.equal(meter.get().phase, "failed");
  assert.equal(meter.get().why, "It has an error.");
  run({ connection: "lost" });
  assert.match(meter.get().why, /Python/);
});
