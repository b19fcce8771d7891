// The floor plan's geometry: every core has its place, and every place its core.

import assert from "node:assert/strict";
import test from "node:test";

import { floorOf, type Floor, type FloorColumns } from "../../core/report";
import { placeOfCore } from "./floorplan";
import { beside, coreAt, planOf, tileRect, usedRect } from "./geometry";
import { capacityOf, perSecond, workload } from "./traffic";
import type { Report, Traffic } from "../../core/report";

const floor = (change: Partial<Floor>): Floor => ({ kind: "mesh", columns: 4, rows: 3, cores_per_router: 1, chips: 1, chip_columns: 1, tiles: [], links: [], ...change });

test("the core at the middle of a core's place is that core, on machines of every form", () => {
  for (const one of [floor({}), floor({ cores_per_router: 4 }), floor({ cores_per_router: 18, columns: 1, rows: 1, chips: 48, chip_columns: 8 }), floor({ chips: 7 }), floor({ chips: 5, chip_columns: 2, cores_per_router: 3 })]) {
    const plan = planOf(one);
    const cores = one.columns * one.rows * one.cores_per_router * one.chips;
    for (let core = 0; core < cores; core++) {
      const { x, y, w, h } = tileRect(plan, one, placeOfCore(one, core));
      assert.equal(coreAt(plan, one, x + w / 2, y + h / 2), core);
      assert.ok(x >= 0 && y >= 0 && x + w <= plan.width && y + h <= plan.height);
    }
    assert.equal(coreAt(plan, one, -1, 0), null);
    assert.equal(coreAt(plan, one, plan.width + 1, 0), null);
    assert.equal(coreAt(plan, one, 0.1, 0.1), null, "the margin of a chip is no core");
  }
});

test("a strip of chips is laid in rows, and only neighbours on the plan are joined by lines", () => {
  const strip = planOf(floor({ columns: 8, rows: 8, chips: 33, chip_columns: 32 }));
  assert.ok(strip.width / strip.height < 4);
  const grid = planOf(floor({ chips: 48, chip_columns: 8 }));
  assert.equal(grid.chipColumns, 8);
  assert.ok(beside(grid, [0, 0, 0], [0, 1, 0]) && beside(grid, [0, 3, 0], [1, 0, 0]));
  assert.ok(!beside(grid, [0, 0, 0], [0, 3, 0]) && !beside(grid, [7, 3, 0], [8, 0, 0]));
});

test("where little of a chip is used that is shown first, where much is used all of it", () => {
  const tile = (x: number, y: number) => ({ core: 64 * y + x, chip: 0, x, y, parts: [["exc", 1] as [string, number]], full: 1 });
  const large = floor({ columns: 64, rows: 64, tiles: [tile(30, 40), tile(31, 40)] });
  const used = usedRect(planOf(large), large)!;
  const { x, y } = tileRect(planOf(large), large, large.tiles[1]!);
  assert.ok(used.x < x && x + 1 < used.x + used.w && used.y < y && y + 1 < used.y + used.h && used.w < 25);
  const spread = floor({ columns: 64, rows: 64, tiles: [tile(0, 0), tile(63, 63)] });
  assert.equal(usedRect(planOf(spread), spread), null);
  assert.equal(usedRect(planOf(large), floor({})), null);
});

test("a floor plan travels in columns and is read once", () => {
  const columns: FloorColumns = { ...floor({}), core: [3, 5], chip: [0, 0], x: [3, 1], y: [0, 1], full: [0.5, 1.2], parts: [[[0, 10]], [[0, 1], [1, 2]]], paths: ["exc", "inh"], links: [] };
  const read = floorOf(columns);
  assert.deepEqual(read.tiles[1], { core: 5, chip: 0, x: 1, y: 1, full: 1.2, parts: [["exc", 1], ["inh", 2]] });
  assert.equal(floorOf(columns), read);
});

test("traffic in words", () => {
  assert.equal(perSecond(1234), "1.23\u202fk/s");
  assert.equal(perSecond(0), "0\u202f/s");
  const traffic = { cores: { busy: [0.2, null], busiest: [0.9, null] }, links: { capacity: [null, 5e6] } } as unknown as Traffic;
  assert.deepEqual(workload(traffic), { mean: 0.2, most: 0.9 });
  assert.equal(workload({ ...traffic, cores: { ...traffic.cores, busy: [null] } }), null);
  assert.equal(capacityOf({ traffic } as Report), 5e6);
  assert.equal(capacityOf({ traffic: null } as Report), null);
});
