// Lines between boxes and the labels beside them.

import assert from "node:assert/strict";
import test from "node:test";

import { arrange } from "./layout";
import { routes, type Box, type Link } from "./route";

const box = (id: string, x: number, y: number): Box => ({ id, x, y, w: 184, h: 56 });

test("a line leaves and enters where the boxes face each other", () => {
  const route = routes([box("a", 0, 0), box("b", 400, 0)], [{ id: "p1", from: "a", to: "b" }]).get("p1")!;
  assert.match(route.path, /^M184 28C/);
  assert.deepEqual(route.tip, { x: 400, y: 28 });
  assert.ok(Math.abs(route.angle) < 1e-9);
});

test("there and back do not lie on one another", () => {
  const both = routes([box("a", 0, 0), box("b", 400, 0)], [{ id: "p1", from: "a", to: "b" }, { id: "p2", from: "b", to: "a" }]);
  const gap = Math.abs(both.get("p1")!.tip.y - Number(both.get("p2")!.path.match(/^M\S+ (\S+?)C/)![1]));
  assert.ok(gap >= 8, `${gap} px apart`);
});

test("no label touches a box or another label", () => {
  const boxes = Array.from({ length: 12 }, (_, k) => box(`n${k}`, (k % 4) * 320, Math.floor(k / 4) * 160));
  const links: Link[] = boxes.flatMap((_, k) => [1, 3, 5].map((step) => ({ id: `p${k}-${step}`, from: `n${k}`, to: `n${(k + step) % 12}`, label: "p 0.1 · 0.4 mV" })));
  const labels = [...routes(boxes, links).values()].flatMap((route) => (route.label ? [route.label] : []));
  assert.ok(labels.length > links.length / 2, `${labels.length} labels found room`);
  const w = 14 * 5.9;
  for (const [k, at] of labels.entries()) {
    for (const b of boxes) assert.ok(at.x + w / 2 <= b.x || at.x - w / 2 >= b.x + b.w || at.y + 8 <= b.y || at.y - 8 >= b.y + b.h);
    for (const other of labels.slice(k + 1)) assert.ok(Math.abs(at.x - other.x) >= w || Math.abs(at.y - other.y) >= 16);
  }
});

test("links to boxes that do not exist are left out", () => {
  assert.equal(routes([box("a", 0, 0)], [{ id: "p1", from: "a", to: "gone" }]).size, 0);
});

test("without a layout inputs come first and nothing overlaps", () => {
  const boxes = ["drive", "exc", "inh", "out"].map((id) => box(id, 0, 0));
  const places = arrange(boxes, [{ id: "p1", from: "drive", to: "exc" }, { id: "p2", from: "exc", to: "inh" }, { id: "p3", from: "inh", to: "exc" }, { id: "p4", from: "exc", to: "exc" }, { id: "p5", from: "exc", to: "out" }]);
  assert.ok(places.get("drive")!.x < places.get("exc")!.x);
  const all = [...places.values()];
  all.forEach((p, k) => all.slice(k + 1).forEach((q) => assert.ok(Math.abs(p.x - q.x) >= 184 || Math.abs(p.y - q.y) >= 56)));
});
