import assert from "node:assert/strict";
import test from "node:test";

import { headOf, parsePath, showPath, takes, tryPath } from "./paths";

test("paths read back as they are written, spaces in brackets made even", () => {
  for (const text of ["exc", "cols[1].exc.tau_m", "cols[*].exc", "exc[0:100:2]", "[1].exc.tau_m", "exc[3, :]", "exc[-5:]"]) assert.equal(showPath(parsePath(text)), text);
  assert.equal(showPath(parsePath("exc[ 3,1:2 ]")), "exc[3, 1:2]");
});

test("malformed paths are refused in words", () => {
  for (const text of ["", ".", "a..b", "a.", "a b", "a[", "a[x]", "a[1:2:0]", "a.[1]", "a[1][2]"]) assert.equal(tryPath(text), null, text);
});

test("the head of an endpoint", () => {
  assert.equal(headOf("cols[1].thalamus"), "cols");
  assert.equal(headOf("exc"), "exc");
});

test("which copies a step means, as Python's slices do", () => {
  const chosen = (index: string): number[] => [0, 1, 2, 3, 4].filter((n) => takes(parsePath(`a${index}`)[0]!, n));
  assert.deepEqual(chosen(""), [0, 1, 2, 3, 4]);
  assert.deepEqual(chosen("[2]"), [2]);
  assert.deepEqual(chosen("[*]"), [0, 1, 2, 3, 4]);
  assert.deepEqual(chosen("[1:4:2]"), [1, 3]);
  assert.deepEqual(chosen("[3::-1]"), [0, 1, 2, 3]);
  assert.deepEqual(chosen("[0, 1]"), []);
});
