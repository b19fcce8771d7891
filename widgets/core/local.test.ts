import assert from "node:assert/strict";
import test from "node:test";

import { bundledCatalogue } from "./bundled";
import { toText } from "./bytes";
import { LocalSession } from "./local";
import { parseDocument } from "./read";

const population = (name: string) => ({ kind: "population" as const, name, model: "lif", size: 10 });

function opened(): { session: LocalSession; texts: string[] } {
  const texts: string[] = [];
  return { session: new LocalSession({ catalogue: bundledCatalogue(), onChange: (text) => texts.push(text) }), texts };
}

test("edits give canonical text, undo and redo go both ways", () => {
  const { session, texts } = opened();
  session.dispatch({ command: "add_node", circuit: "main", node: population("Exc") });
  assert.equal(session.getState().undo, "Add Exc");
  assert.ok(session.getState().dirty);
  session.undo();
  assert.deepEqual(session.getState().document.circuits["main"]!.nodes, {});
  assert.equal(session.getState().redo, "Add Exc");
  session.redo();
  assert.equal(texts.length, 3);
  assert.equal(texts[0], texts[2]);
  assert.equal(toText(JSON.parse(texts[2]!)), texts[2]);
});

test("a new edit after undo forgets what was undone", () => {
  const { session } = opened();
  session.dispatch({ command: "add_node", circuit: "main", node: population("A") });
  session.undo();
  session.dispatch({ command: "add_node", circuit: "main", node: population("B") });
  assert.equal(session.getState().redo, null);
});

test("text from the host replaces the document; its own text coming back does nothing", () => {
  const { session, texts } = opened();
  session.dispatch({ command: "add_node", circuit: "main", node: population("A") });
  const { rev } = session.getState();
  session.setText(texts[0]!);
  assert.equal(session.getState().rev, rev);
  session.setText(texts[0]!.replace('"A"', '"Z"'));
  assert.equal(session.getState().document.circuits["main"]!.nodes["a"]!.name, "Z");
  assert.equal(session.getState().undo, null);
  assert.equal(texts.length, 1, "what the host said is not said back");
});

test("a file that cannot be read is never written over", () => {
  const { session, texts } = opened();
  session.setText('{"format": "spike-studio/1", broken');
  assert.equal(session.dispatch({ command: "add_node", circuit: "main", node: population("A") }), null);
  assert.equal(texts.length, 0);
  assert.equal(session.getState().findings[0]?.code, "text.json");
  session.setText("");
  assert.ok(session.dispatch({ command: "add_node", circuit: "main", node: population("A") }), "an empty file is an empty document");
});

test("a command that makes no sense changes nothing and says why", () => {
  const { session } = opened();
  const { document } = session.getState();
  assert.equal(session.dispatch({ command: "connect", circuit: "main", projection: { from: "a", to: "b" } }), null);
  assert.equal(session.getState().document, document);
  assert.match(session.getState().notices[0]!.text, /no node “a”/);
});

test("what an edit does not touch stays the same object", () => {
  const { session } = opened();
  session.dispatch({ command: "add_circuit", name: "Column" });
  const { main } = session.getState().document.circuits;
  session.dispatch({ command: "add_node", circuit: "column", node: population("A") });
  assert.equal(session.getState().document.circuits["main"], main);
});

test("a document's own models can be chosen without Python", () => {
  const session = new LocalSession({ catalogue: bundledCatalogue() });
  const own = (): string[] => session.getState().catalogue.entries.filter((entry) => entry.own).map((entry) => entry.key);
  session.dispatch({ command: "set", path: "/models", value: { mine: { kind: "neuron", params: { tau: 20, v_th: { default: 1, unit: "mV", low: 0 } }, states: { v: "0" } }, broken: { kind: "poem" }, worse: 3 } });
  assert.deepEqual(own(), ["mine"]);
  const mine = session.getState().catalogue.entries.at(-1)!;
  assert.deepEqual(mine.params.map(({ name, default: value, unit, low }) => [name, value, unit, low]), [["tau", 20, "", null], ["v_th", 1, "mV", 0]]);
  assert.deepEqual(mine.states?.map((state) => state.start), ["0"]);
  session.undo();
  assert.deepEqual(own(), []);
});

test("light checks: bounds, unknown models, missing ends", () => {
  const { session } = opened();
  session.dispatch({ command: "add_node", circuit: "main", node: { ...population("A"), params: { tau_m: -1 } } });
  const [finding] = session.getState().findings;
  assert.equal(finding?.where, "a.tau_m");
  assert.match(finding!.text, /tau_m is -1 ms; it must be above 0 ms/);
  session.dispatch({ command: "set", path: "/circuits/main/nodes/a/params/tau_m", value: { value: 0.02, unit: "s" } });
  assert.deepEqual(session.getState().findings, []);
  session.dispatch({ command: "set", path: "/circuits/main/nodes/a/model", value: "nonsense" });
  assert.equal(session.getState().findings[0]?.where, "a.model");
});

test("running is refused with the reason", () => {
  const { session } = opened();
  session.run({ duration_ms: 1, seed: 1 });
  assert.equal(session.getState().run.state, "idle");
  assert.equal(session.getState().notices[0]?.text, session.getState().can.reason);
});

test("hostile and foreign files give findings", () => {
  for (const text of ["", "[]", "null", "3", '{"format":"spike-studio/9"}', '{"format":"spike-studio/1"}', '{"format":"spike-studio/1","main":"m","circuits":{"m":[]}}', '{"format":"spike-studio/1","main":"m","circuits":{"m":{"nodes":{"a":null}}}}', '{"format":"spike-studio/1","main":"__proto__","circuits":{}}']) {
    const { document, findings } = parseDocument(text);
    assert.equal(document, null, text);
    assert.ok(findings.length > 0, text);
  }
});

test("a file may leave out what has a default", () => {
  const { session } = opened();
  session.setText('{"format":"spike-studio/1","circuits":{"main":{"nodes":{"a":{"kind":"population"}}}}}');
  const node = session.getState().document.circuits["main"]!.nodes["a"]!;
  assert.deepEqual(node, { kind: "population", name: "a", model: "lif", size: 1 });
  assert.ok(session.dispatch({ command: "connect", circuit: "main", projection: { from: "a", to: "a" } }));
});
