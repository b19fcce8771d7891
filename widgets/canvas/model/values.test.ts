// Values as people type and read them.

import assert from "node:assert/strict";
import test from "node:test";

import { bundledCatalogue } from "../../core/bundled";
import { boundsText, FREE, inBounds, inUnit, numberText, partsOf, readableTime, readTyped, shortNumber, stepOf, stepped, toValue, valueText } from "./values";

test("what is typed is read with its unit, sign and decimal comma", () => {
  assert.deepEqual(readTyped("20 ms"), { value: 20, unit: "ms" });
  assert.deepEqual(readTyped("-100"), { value: -100, unit: "" });
  assert.deepEqual(readTyped("0,5 µS"), { value: 0.5, unit: "uS" });
  assert.deepEqual(readTyped("1e-3 mV/ms"), { value: 0.001, unit: "mV/ms" });
  for (const bad of ["", "ms", "1.2.3", "--4", "NaN"]) assert.equal(readTyped(bad), null, bad);
});

test("a number is written so that it reads back as itself", () => {
  for (const value of [0.1, -70, 1e9, 3e-12, 0.30000000000000004, 123456]) assert.ok(Math.abs(readTyped(numberText(value))!.value - value) <= Math.abs(value) * 1e-11);
});

test("bounds are checked and said in words", () => {
  const time = { ...FREE, low: 0, low_open: true, unit: "ms" };
  assert.equal(boundsText(time), "above 0 ms");
  assert.equal(inBounds(0, time), false);
  assert.equal(inBounds(-1, time), false);
  assert.equal(inBounds(0.1, time), true);
  assert.equal(inBounds(1.5, { ...FREE, low: 1, integer: true }), false);
  assert.equal(boundsText({ ...FREE, low: 0, high: 1 }), "0 to 1");
});

test("values of every form survive being taken apart", () => {
  for (const value of [{ value: 20, unit: "ms" }, { normal: [-50, 1.5] as [number, number], unit: "mV", min: -60 }, { uniform: [1, 3] as [number, number], unit: "ms" }, { data: "w" }, "word"]) assert.deepEqual(toValue(partsOf(value, "ms"), "ms"), value);
});

test("labels use few digits and a real minus", () => {
  assert.equal(valueText({ normal: [-50, 1.5], unit: "mV" }, "mV"), "\u221250 ± 1.5\u202fmV");
  assert.equal(valueText(0.123456, ""), "0.1235");
  assert.equal(shortNumber(77169), "77\u2009169");
});

test("steps stay free of binary dust", () => {
  assert.equal(stepped(0.2, stepOf(0.2, false), 10), 0.3);
  assert.equal(stepped(20, stepOf(20, false), -3), 17);
  assert.equal(stepOf(5, true), 1);
});

test("a long time is read in s, min or h", () => {
  const read = (value: number, unit = "ms") => Object.values(readableTime(bundledCatalogue(), value, unit));
  assert.deepEqual(read(1000), [1000, "ms"]);
  assert.deepEqual(read(90_000), [90_000, "ms"]);
  assert.deepEqual(read(150_000), [2.5, "min"]);
  assert.deepEqual(read(100_000), [100, "s"]);
  assert.deepEqual(read(7_200_000), [2, "h"]);
  assert.deepEqual(read(5, "s"), [5, "s"]);
});

test("all numbers of a distribution go to another unit together", () => {
  const parts = partsOf({ normal: [20, 2], unit: "ms", min: 15 }, "ms");
  assert.deepEqual(toValue(inUnit(bundledCatalogue(), parts, "s"), "ms"), { normal: [0.02, 0.002], unit: "s", min: 0.015 });
  const [mean, sd] = inUnit(bundledCatalogue(), partsOf({ lognormal: [1, 2], unit: "s" }, "ms"), "ms").numbers;
  assert.ok(Math.abs(mean! - (1 + Math.log(1000))) < 1e-12 && sd === 2, "a logarithm moves by that of the ratio");
});
