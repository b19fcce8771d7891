import { memo } from "react";

import type { NodeProps } from "@xyflow/react";

import { Glyph } from "../glyphs/Glyph";
import { Icon } from "../glyphs/Icon";
import { shortNumber } from "../model/values";
import { useStudio } from "../studio";
import { FitTag } from "../meter/FitTag";
import { Badge } from "./Badge";
import type { ItemNode } from "./flow";
import { Grip } from "./Grip";
import { ReadoutTag } from "./ReadoutTag";
import { rowAt } from "./scene";

/** A circuit used here: stacked cards, its ports as rows, inputs on the left and outputs on the right. */
export const InstanceNode = memo(function InstanceNode({ data: { item, findings }, selected }: NodeProps<ItemNode>) {
  const { actions } = useStudio();
  const node = item.node!;
  const repeat = node.kind === "instance" ? (node.repeat ?? 1) : 1;
  return (
    <div className="instance" data-selected={selected} data-repeat={repeat > 1} style={{ width: item.box.w, height: item.box.h }}>
      <div className="unit-head">
        <Glyph kind="instance" size={22} />
        <b className="cut">{item.title}</b>
        <span className="size">{repeat > 1 ? `${repeat} × ${shortNumber(item.neurons / repeat)}` : shortNumber(item.neurons)}</span>
        <button type="button" className="btn small icon nodrag" tabIndex={-1} aria-label={`Enter ${item.title}`} title="Enter (double click, or O)" onClick={() => actions.enter(item.key)}>
          <Icon name="right" size={14} />
        </button>
      </div>
      {item.inputs.map((port, k) => (
        <span key={port} className="port in cut" style={{ top: rowAt(k) }}>
          {port}
        </span>
      ))}
      {item.outputs.map((port, k) => (
        <span key={port} className="port out cut" style={{ top: rowAt(k) }}>
          {port}
        </span>
      ))}
      {item.inputs.length + item.outputs.length === 0 && <span className="port none quiet" style={{ top: rowAt(0) }}>no ports yet</span>}
      {item.inputs.map((port, k) => <Grip key={port} side="in" node={item.id} port={port} top={rowAt(k)} label={`Into ${item.title}, ${port}`} />)}
      {item.outputs.map((port, k) => <Grip key={port} side="out" node={item.id} port={port} top={rowAt(k)} label={`Connect from ${item.title}, ${port}`} />)}
      {item.inputs.length === 0 && <Grip side="in" node={item.id} label={`Into ${item.title}`} />}
      {item.outputs.length === 0 && <Grip side="out" node={item.id} label={`Connect from ${item.title}`} />}
      <Badge findings={findings} />
      <ReadoutTag node={item.key} />
      <FitTag node={item.key} />
    </div>
  );
});
