import { memo } from "react";

import type { NodeProps } from "@xyflow/react";

import { Badge } from "./Badge";
import type { ItemNode } from "./flow";
import { Grip } from "./Grip";

/** The inside of a port: a tag pointing the way the spikes go. */
export const PortNode = memo(function PortNode({ data: { item, findings }, selected }: NodeProps<ItemNode>) {
  const { w, h } = item.box;
  const inward = item.kind === "port-in";
  return (
    <div className="port-node" data-selected={selected} data-direction={inward ? "in" : "out"} style={{ width: w, height: h }}>
      <svg className="form" width={w} height={h} aria-hidden="true">
        <path d={`M4.5.5H${w - 12}L${w - 0.5} ${h / 2}L${w - 12} ${h - 0.5}H4.5a4 4 0 0 1-4-4v-${h - 9}a4 4 0 0 1 4-4Z`} />
      </svg>
      {item.title !== item.port?.direction && <span className="quiet small">{item.port?.direction}</span>}
      <span className="cut">{item.title}</span>
      <Grip side={inward ? "out" : "in"} node={item.id} label={inward ? `Lead ${item.title} to a node` : `Lead a node out through ${item.title}`} />
      <Badge findings={findings} />
    </div>
  );
});
