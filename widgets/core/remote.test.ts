// The protocol with Python, against a small stand-in that decides as the real session does.

import assert from "node:assert/strict";
import test from "node:test";

import { EMPTY_CATALOGUE } from "./catalogue";
import { emptyDocument, type Written } from "./document";
import { applyPatch } from "./edit";
import type { FromPython, ToPython, Transport } from "./messages";
import { RemoteSession } from "./remote";

/** Keeps what is sent until `answer` is called; `others` are edits by somebody else. */
class Python implements Transport {
  rev = 0;
  document: Written = emptyDocument("Remote");
  readonly sent: ToPython[] = [];
  private listener: ((message: FromPython, buffers: DataView[]) => void) | undefined;

  send(message: ToPython): void {
    this.sent.push(JSON.parse(JSON.stringify(message)) as ToPython);
    if (message.type === "ready") this.hello();
  }
  listen(listener: (message: FromPython, buffers: DataView[]) => void): () => void {
    this.listener = listener;
    return () => (this.listener = undefined);
  }
  say(message: FromPython, buffers: ArrayBufferLike[] = []): void {
    this.listener?.(JSON.parse(JSON.stringify(message)) as FromPython, buffers.map((buffer) => new DataView(buffer)));
  }
  hello(): void {
    this.say({ type: "hello", rev: this.rev, document: this.document, catalogue: EMPTY_CATALOGUE, findings: [], templates: [], can: { run: true }, undo: null, redo: null, file: null });
  }
  patches(): Extract<ToPython, { type: "patch" }>[] {
    return this.sent.filter((message) => message.type === "patch");
  }
  /** Accepts the n-th patch that was sent. */
  accept(n: number): void {
    const { id, patch, label } = this.patches()[n]!;
    this.change(patch, "canvas", id, label);
  }
  change(patch: Extract<ToPython, { type: "patch" }>["patch"], by: "canvas" | "python", id?: string, undo = "Other"): void {
    this.document = applyPatch(this.document, patch);
    this.rev += 1;
    this.say({ type: "patch", rev: this.rev, patch, findings: [], undo, redo: null, by, id });
  }
}

function connected(): { python: Python; session: RemoteSession } {
  const python = new Python();
  return { python, session: new RemoteSession(python) };
}
const add = (name: string) => ({ command: "add_node" as const, circuit: "main", node: { kind: "population" as const, name, model: "lif", size: 10 } });
const keys = (session: RemoteSession): string[] => Object.keys(session.getState().document.circuits["main"]!.nodes);

test("a question gets its own answer, and null when Python goes away", async () => {
  const python = new Python();
  let gone = (): void => undefined;
  const session = new RemoteSession(Object.assign(python, { onLost: (listener: () => void) => ((gone = listener), () => undefined) }));
  const first = session.ask("model_text", { kind: "neuron", key: "lif" });
  const second = session.ask("model_text", { kind: "neuron", key: "adex" });
  const asked = python.sent.filter((message) => message.type === "ask");
  assert.deepEqual(asked.map((message) => message.given), [{ kind: "neuron", key: "lif" }, { kind: "neuron", key: "adex" }]);
  python.say({ type: "answer", id: asked[1]!.id, value: { body: { title: "second" } } });
  assert.deepEqual(await second, { body: { title: "second" } });
  gone();
  assert.equal(await first, null);
  assert.equal(await session.ask("model_text", { kind: "neuron", key: "lif" }), null);
});

test("the document's own models take the place of those sent before", () => {
  const { python, session } = connected();
  const entry = (key: string) => ({ kind: "neuron" as const, key, title: key, doc: "", source: "", limits: "", params: [], own: true });
  python.say({ type: "own_models", entries: [entry("one"), entry("two")] });
  python.say({ type: "own_models", entries: [entry("three")] });
  assert.deepEqual(session.getState().catalogue.entries.map((own) => own.key), ["three"]);
});

test("hello makes the session live", () => {
  const { session } = connected();
  assert.equal(session.getState().connection, "live");
  assert.equal(session.getState().document.name, "Remote");
});

test("an edit shows at once and is sent once; edits go one at a time", () => {
  const { python, session } = connected();
  session.dispatch(add("A"));
  session.dispatch(add("B"));
  assert.deepEqual(keys(session), ["a", "b"]);
  assert.equal(python.patches().length, 1);
  python.accept(0);
  assert.equal(python.patches().length, 2);
  assert.equal(python.patches()[1]!.base_rev, 1);
  python.accept(1);
  assert.deepEqual(keys(session), ["a", "b"]);
  assert.equal(session.getState().rev, 2);
  assert.deepEqual(Object.keys(python.document.circuits["main"]!.nodes!), ["a", "b"]);
});

test("an edit made in Python meanwhile is kept under the waiting one", () => {
  const { python, session } = connected();
  session.dispatch(add("A"));
  python.change([{ op: "add", path: "/circuits/main/nodes/x", value: { kind: "population", name: "X" } }], "python");
  assert.deepEqual(keys(session).sort(), ["a", "x"]);
  python.accept(0);
  assert.deepEqual(keys(session).sort(), ["a", "x"]);
});

test("a waiting edit that no longer fits is dropped in words", () => {
  const { python, session } = connected();
  session.dispatch(add("A"));
  python.accept(0);
  session.dispatch(add("B"));
  session.dispatch({ command: "set", path: "/circuits/main/nodes/a/name", value: "Z" });
  python.change([{ op: "remove", path: "/circuits/main/nodes/a" }], "python");
  assert.deepEqual(keys(session), ["b"]);
  assert.match(session.getState().notices.at(-1)!.text, /no longer fits/);
});

test("a refusal takes back the edit and all that were made on it", () => {
  const { python, session } = connected();
  session.dispatch(add("A"));
  session.dispatch({ command: "set", path: "/circuits/main/nodes/a/size", value: 5 });
  python.say({ type: "refused", rev: 0, document: python.document, findings: [], reason: "No.", id: python.patches()[0]!.id });
  assert.deepEqual(keys(session), []);
  assert.equal(session.getState().notices.at(-1)!.text, "No.");
  session.dispatch(add("B"));
  assert.equal(python.patches().length, 2);
});

test("another view's refusal does not touch this one's edits", () => {
  const { python, session } = connected();
  session.dispatch(add("A"));
  python.say({ type: "refused", rev: 0, document: python.document, findings: [], reason: "No.", id: "somebody:1" });
  assert.deepEqual(keys(session), ["a"]);
  assert.deepEqual(session.getState().notices, []);
});

test("undo and run wait for the edits before them", () => {
  const { python, session } = connected();
  session.dispatch(add("A"));
  session.undo();
  session.run({ duration_ms: 100, seed: 1 });
  assert.deepEqual(python.sent.map(({ type }) => type), ["ready", "patch"]);
  python.accept(0);
  assert.deepEqual(python.sent.map(({ type }) => type), ["ready", "patch", "undo", "run"]);
});

test("a missed change asks for everything again", () => {
  const { python, session } = connected();
  python.rev = 4;
  python.document = applyPatch(python.document, [{ op: "replace", path: "/name", value: "Later" }]);
  python.change([{ op: "replace", path: "/description", value: "x" }].map((step) => ({ ...step, op: "add" as const })), "python");
  assert.equal(session.getState().rev, 5);
  assert.equal(session.getState().document.name, "Later");
});

test("frames fill the store, are acknowledged, and a new run begins with none", () => {
  const { python, session } = connected();
  const run = { type: "run" as const, run: 1, state: "running" as const, t_ms: 0, duration_ms: 100, wall_s: 0, speed: 0, text: "", spikes: 0, rates: {}, sparsity: {}, findings: [], rev: 0 } satisfies FromPython;
  const rows = [{ path: "a", name: "A", size: 4, offset: 0, kind: "population" as const }];
  python.say(run);
  python.say({ type: "frame", run: 1, n: 1, t_ms: 10, dt_ms: 0.1, rows }, [Uint32Array.of(1, 2, 2).buffer, Uint32Array.of(0, 1, 3).buffer]);
  python.say({ type: "frame", run: 1, n: 2, t_ms: 20, dt_ms: 0.1, rows }, [Uint32Array.of(150).buffer, Uint32Array.of(2).buffer]);
  assert.deepEqual([...session.spikes.steps.subarray(0, session.spikes.length)], [1, 2, 2, 150]);
  assert.deepEqual(python.sent.filter(({ type }) => type === "ack"), [{ type: "ack", run: 1, n: 1 }, { type: "ack", run: 1, n: 2 }]);
  python.say({ type: "frame", run: 1, n: 3, t_ms: 20, dt_ms: 0.1, rows, replace: true, thinned: 2 }, [Uint32Array.of(2).buffer, Uint32Array.of(1).buffer]);
  assert.equal(session.spikes.length, 1);
  assert.equal(session.spikes.thinned, 2);
  python.say({ ...run, run: 2 });
  assert.equal(session.spikes.length, 0);
});

test("a run is stale after an edit that matters, not after a move, and fresh again after undo", () => {
  const { python, session } = connected();
  session.dispatch(add("A"));
  python.accept(0);
  python.say({ type: "run", run: 1, state: "done", t_ms: 100, duration_ms: 100, wall_s: 1, speed: 1, text: "", spikes: 0, rates: {}, sparsity: {}, findings: [], rev: 1 });
  session.dispatch({ command: "move", circuit: "main", positions: { a: { x: 1, y: 2 } } });
  session.dispatch({ command: "rename", circuit: "main", node: "a", name: "Better" });
  assert.equal(session.getState().run.stale, false);
  session.dispatch({ command: "set", path: "/circuits/main/nodes/a/size", value: 99 });
  assert.equal(session.getState().run.stale, true);
  session.dispatch({ command: "set", path: "/circuits/main/nodes/a/size", value: 10 });
  assert.equal(session.getState().run.stale, false);
});

test("recorded states belong to their run and go with the next", () => {
  const { python, session } = connected();
  const status = (run: number) => ({ type: "run" as const, run, state: "done" as const, t_ms: 1, duration_ms: 1, wall_s: 1, speed: 1, text: "", spikes: 0, rates: {}, sparsity: {}, findings: [], rev: 0 });
  const head = { path: "exc", what: "v", unit: "mV", ids: [0, 4], recorded: 9, thinned: true };
  python.say(status(1));
  python.say({ type: "traces", run: 1, traces: [head] }, [Float32Array.of(0.5, 1).buffer, Float32Array.of(-65, -64, -70, -71).buffer]);
  assert.deepEqual(session.getState().traces, [{ ...head, times: Float32Array.of(0.5, 1), values: Float32Array.of(-65, -64, -70, -71) }]);
  python.say({ type: "traces", run: 0, traces: [] });
  assert.equal(session.getState().traces.length, 1, "a message of another run changes nothing");
  python.say(status(2));
  assert.deepEqual(session.getState().traces, []);
});

test("an exported file arrives with its bytes", () => {
  const { python, session } = connected();
  const files: string[] = [];
  session.onExported(({ name, bytes }) => files.push(`${name} ${bytes.join()}`));
  python.say({ type: "exported", name: "n.nir", mime: "application/x-hdf5", findings: [] }, [Uint8Array.of(1, 2).buffer]);
  assert.deepEqual(files, ["n.nir 1,2"]);
});

test("bytes are opened as base64, text as text", () => {
  const { python, session } = connected();
  session.open("n.nir", Uint8Array.of(137, 72, 68, 70));
  session.open("n.snn.json", "{}");
  assert.deepEqual(python.sent.slice(1), [
    { type: "open", name: "n.nir", text: "", base64: "iUhERg==" },
    { type: "open", name: "n.snn.json", text: "{}" },
  ]);
});

test("when Python goes away nothing is changed any more, and the surface says why", () => {
  const python = new Python();
  let lose = (): void => undefined;
  const session = new RemoteSession(Object.assign(python, { onLost: (listener: () => void) => ((lose = listener), () => undefined) }));
  lose();
  assert.equal(session.getState().connection, "lost");
  assert.equal(session.dispatch(add("A")), null);
  assert.deepEqual(keys(session), []);
  assert.match(session.getState().can.reason, /gone away/);
});

test("nothing is heard after destroy", () => {
  const { python, session } = connected();
  session.destroy();
  python.change([{ op: "replace", path: "/name", value: "Later" }], "python");
  assert.equal(session.getState().document.name, "Remote");
});
