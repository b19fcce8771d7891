import { memo } from "react";

import type { NodeProps } from "@xyflow/react";

import { Glyph, type GlyphKind } from "../glyphs/Glyph";
import { Symbol } from "../glyphs/Symbol";
import { shortNumber, valueText } from "../model/values";
import { FitTag } from "../meter/FitTag";
import { Badge } from "./Badge";
import type { ItemNode } from "./flow";
import { Grip } from "./Grip";
import { ReadoutTag } from "./ReadoutTag";
import type { Item } from "./scene";

/** A population (a card) or a source (a long hexagon): form first, then name, size, model and its key parameter. */
export const UnitNode = memo(function UnitNode({ data: { item, findings }, selected }: NodeProps<ItemNode>) {
  const source = item.kind !== "population";
  const { w, h } = item.box;
  return (
    <div className="unit" data-kind={item.kind} data-sign={source ? "source" : item.sign} data-selected={selected} style={{ width: w, height: h }}>
      <svg className="form" width={w} height={h} aria-hidden="true">
        <path d={source ? hexagon(w, h) : card(w, h)} />
      </svg>
      <Glyph kind={item.kind as GlyphKind} sign={item.sign} model={item.entry?.key} size={24} weight={outline(item.neurons)} />
      <div className="words">
        <div className="line">
          <b className="cut">{item.title}</b>
          <span className="size" title={`${item.neurons}`}>
            {gridOf(item) ?? shortNumber(item.neurons)}
          </span>
        </div>
        <div className="line quiet">
          <span className="cut">{shortTitle(item)}</span>
          <KeyParam item={item} />
        </div>
      </div>
      {!source && <Grip side="in" node={item.id} label={`Into ${item.title}`} />}
      <Grip side="out" node={item.id} label={`Connect from ${item.title}`} />
      <Badge findings={findings} />
      <ReadoutTag node={item.key} />
      <FitTag node={item.key} />
    </div>
  );
});

/** The glyph's outline thickens with the number of neurons: 1 at ten, 2.5 at a hundred thousand. */
const outline = (neurons: number): number => Math.min(2.75, Math.max(1, 0.6 + 0.38 * Math.log10(Math.max(1, neurons))));

/** “2 × 12 × 12” where the neurons stand on a grid. */
function gridOf({ node }: Item): string | null {
  const shape = node && "shape" in node ? node.shape : null;
  return shape && shape.length > 1 ? shape.join("\u202f×\u202f") : null;
}

function shortTitle(item: Item): string {
  const node = item.node;
  if (item.entry) return SHORT[item.entry.key] ?? item.entry.title;
  return node && "model" in node ? `${node.model}?` : "";
}

const SHORT: Record<string, string> = { lif: "LIF", lif_euler: "LIF, Euler", adex: "AdEx", leaky_integrator: "Integrator", li_euler: "Integrator, Euler", poisson: "Poisson" };

/** The parameter that says most: one the document sets, else the time constant, else the first. */
function KeyParam({ item }: { item: Item }) {
  const params = item.entry?.params.filter((param) => param.kind === "number" && !param.advanced) ?? [];
  const key = params.find((param) => param.role === "time_constant") ?? params.find((param) => param.name in item.values) ?? params[0];
  if (!key || key.default === null) return null;
  return (
    <span className="key">
      <Symbol name={key.name} /> {valueText(item.values[key.name] ?? key.default, key.unit)}
    </span>
  );
}

const card = (w: number, h: number): string => `M6.5.5h${w - 13}a6 6 0 0 1 6 6v${h - 13}a6 6 0 0 1-6 6h-${w - 13}a6 6 0 0 1-6-6v-${h - 13}a6 6 0 0 1 6-6Z`;
const hexagon = (w: number, h: number): string => `M14 .5H${w - 14}L${w - 0.5} ${h / 2}L${w - 14} ${h - 0.5}H14L.5 ${h / 2}Z`;
