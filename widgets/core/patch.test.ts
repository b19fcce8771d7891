import assert from "node:assert/strict";
import test from "node:test";

import { CommandError, type PatchStep } from "./command";
import { applyPatch, pointer, tokensOf } from "./patch";

const before = Object.freeze({ list: Object.freeze([1, 2, 3]), table: Object.freeze({ "a/b": 1, "~": 2 }), word: "x" });
const after = (...patch: PatchStep[]): unknown => applyPatch<unknown>(before, patch);

test("add, replace and remove, in objects and lists", () => {
  assert.deepEqual(after({ op: "add", path: "/list/1", value: 9 }), { ...before, list: [1, 9, 2, 3] });
  assert.deepEqual(after({ op: "add", path: "/list/-", value: 9 }), { ...before, list: [1, 2, 3, 9] });
  assert.deepEqual(after({ op: "remove", path: "/list/0" }), { ...before, list: [2, 3] });
  assert.deepEqual(after({ op: "replace", path: "/list/2", value: null }), { ...before, list: [1, 2, null] });
  assert.deepEqual(after({ op: "remove", path: "/table/a~1b" }, { op: "replace", path: "/table/~0", value: 5 }), { ...before, table: { "~": 5 } });
  assert.equal(after({ op: "replace", path: "", value: 7 }), 7);
});

test("what a patch does not touch stays the same object", () => {
  const changed = applyPatch(before, [{ op: "replace", path: "/word", value: "y" }]);
  assert.equal(changed.list, before.list);
  assert.equal(before.word, "x");
});

test("steps that do not fit are refused, nothing passes silently", () => {
  const unfit: PatchStep[] = [
    { op: "replace", path: "/nobody", value: 1 },
    { op: "replace", path: "/nobody/here", value: 1 },
    { op: "remove", path: "/nobody" },
    { op: "remove", path: "/list/3" },
    { op: "add", path: "/list/4", value: 1 },
    { op: "add", path: "/list/01", value: 1 },
    { op: "add", path: "/list/x", value: 1 },
    { op: "add", path: "/word/x", value: 1 },
    { op: "add", path: "/nobody/x", value: 1 },
    { op: "add", path: "/x" },
    { op: "add", path: "x", value: 1 },
    { op: "add", path: "/__proto__/x", value: 1 },
    { op: "remove", path: "" },
  ];
  for (const step of unfit) assert.throws(() => after(step), CommandError, JSON.stringify(step));
});

test("pointers read back as they are written", () => {
  for (const parts of [["a"], ["a/b", "~1", ""], ["circuits", "main"]]) assert.deepEqual(tokensOf(pointer(...parts)), parts);
});
