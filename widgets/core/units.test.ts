import assert from "node:assert/strict";
import test from "node:test";

import { bundledCatalogue } from "./bundled";
import { convert, inUnit, parseUnit, showNumber, showUnit, unitsLike } from "./units";

const catalogue = bundledCatalogue();

test("values convert within a dimension, exactly where a whole number divides them", () => {
  assert.equal(convert(catalogue, 1, "s", "ms"), 1000);
  assert.equal(convert(catalogue, 15, "ms", "s"), 0.015);
  assert.equal(convert(catalogue, 300, "pA", "nA"), 0.3);
  assert.equal(convert(catalogue, 1, "mV/ms", "V/s"), 1);
  assert.equal(convert(catalogue, 2, "MOhm*nA", "mV"), 2);
  assert.equal(convert(catalogue, 1, "1/ms", "kHz"), 1);
});

test("different things do not convert", () => {
  assert.equal(convert(catalogue, 1, "ms", "mV"), null);
  assert.equal(convert(catalogue, 1, "parsec", "ms"), null);
});

test("compound units are read with one level of parentheses, others are refused", () => {
  assert.deepEqual(parseUnit(catalogue, "1/(mV*ms)"), parseUnit(catalogue, "1/mV/ms"));
  assert.notEqual(parseUnit(catalogue, "1/mV*ms"), null);
  for (const text of ["ms ms", "/ms", "ms*", "((ms))", "ms^0"]) assert.equal(parseUnit(catalogue, text), null, text);
  assert.equal(parseUnit(catalogue, "µs")?.scale, 0.001);
});

test("every unit of the catalogue's models is known", () => {
  const units = catalogue.entries.flatMap(({ params, states = [] }) => [...params, ...states].map(({ unit }) => unit));
  assert.ok(units.length > 20);
  for (const unit of units) assert.notEqual(parseUnit(catalogue, unit), null, unit);
});

test("alternatives measure the same thing", () => {
  assert.deepEqual(unitsLike(catalogue, "nA"), ["pA", "nA", "uA", "mA", "A"]);
  assert.deepEqual(unitsLike(catalogue, "mV/ms").slice(0, 1), ["mV/ms"]);
});

test("the number of a value in a unit; none for distributions", () => {
  assert.equal(inUnit(catalogue, { value: 0.02, unit: "s" }, "ms"), 20);
  assert.equal(inUnit(catalogue, 7, "ms"), 7);
  assert.equal(inUnit(catalogue, { normal: [1, 2] }, "ms"), null);
});

test("numbers and units as people read them", () => {
  assert.equal(showNumber(0.1 + 0.2), "0.3");
  assert.equal(showNumber(-70), "−70");
  assert.equal(showNumber(1.5e-7), "1.5e−7");
  assert.equal(showUnit("uS*MOhm"), "µS*MΩ");
});
