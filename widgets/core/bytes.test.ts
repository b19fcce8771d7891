// Canonical bytes pass the table that Python passes too: tests/network/canonical.json.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { toText } from "./bytes";
import { emptyDocument } from "./document";

const { cases } = JSON.parse(readFileSync(join(process.cwd(), "../tests/network/canonical.json"), "utf8")) as { cases: { name: string; json: string; bytes: string }[] };

test("the table was found", () => assert.ok(cases.length >= 20, `${cases.length} cases`));
for (const { name, json, bytes } of cases) test(name, () => assert.equal(toText(JSON.parse(json)), bytes));

test("what JSON cannot hold is refused", () => {
  for (const value of [NaN, Infinity, undefined, () => 0, { deep: [NaN] }]) assert.throws(() => toText(value));
});

test("an empty document has the bytes of Python's", () =>
  assert.equal(toText(emptyDocument("Untitled")), '{\n  "circuits": {\n    "main": {\n      "nodes": {},\n      "projections": {}\n    }\n  },\n  "format": "spike-studio/1",\n  "main": "main",\n  "name": "Untitled"\n}\n'));
