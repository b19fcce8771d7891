import { memo } from "react";

import type { EdgeProps } from "@xyflow/react";

import type { WireEdge } from "./flow";
import { FitMark } from "../meter/FitMark";
import { worst } from "./marks";

/** One projection: sign by the end's form and by colour, chance by dashes, strength by width. */
export const Wire = memo(function Wire({ id, data, selected }: EdgeProps<WireEdge>) {
  if (!data) return null;
  const { wire, route, tone, findings } = data;
  const severity = worst(findings);
  const label = route.label;
  return (
    <g className="wire" data-sign={tone} data-port={!wire.projection} data-selected={selected} data-severity={severity ?? undefined}>
      <title>{`${data.name}${wire.label ? `: ${wire.label}` : ""}${findings[0] ? `\n${findings[0].text}` : ""}`}</title>
      <path className="hit" d={route.path} />
      {selected && <path className="glow" d={route.path} strokeWidth={wire.width + 6} />}
      <path className="line" d={route.path} strokeWidth={wire.width} strokeDasharray={wire.random ? `${wire.width * 2 + 3} ${wire.width + 3}` : undefined} />
      <g transform={`translate(${route.tip.x} ${route.tip.y}) rotate(${(route.angle * 180) / Math.PI})`}>
        {wire.sign === "inhibitory" ? <circle className="head" cx={-4.6} r={4.6} /> : <path className="head" d="M0 0L-10 -4.8L-8.5 0L-10 4.8Z" />}
      </g>
      {label && (
        <g className="tag" data-testid={`edge-label-${id}`} transform={`translate(${label.x} ${label.y})`}>
          <text textAnchor="middle" dominantBaseline="central">{wire.label}</text>
          <Extras wire={data.wire} half={(wire.label?.length ?? 0) * 2.95 + 12} />
          {severity && <circle className="alarm" cx={(wire.label?.length ?? 0) * -2.95 - 12} r={4} />}
          {wire.projection && <FitMark id={id} x={(wire.label?.length ?? 0) * (selected ? -2.95 : -2.7) - (severity ? 26 : 12)} y={0} />}
        </g>
      )}
      {!label && wire.projection && <FitMark id={id} x={route.tip.x - 26 * Math.cos(route.angle) + 11 * Math.sin(route.angle)} y={route.tip.y - 26 * Math.sin(route.angle) - 11 * Math.cos(route.angle)} />}
      {severity && !label && <circle className="alarm" cx={route.tip.x} cy={route.tip.y - 12} r={4} />}
    </g>
  );
});

/** A learning rule (a curved arrow) and a device (a violet lozenge) beside the label. */
function Extras({ wire, half }: { wire: NonNullable<WireEdge["data"]>["wire"]; half: number }) {
  const learns = wire.projection?.plasticity && wire.projection.plasticity.model !== "static";
  const stored = wire.projection?.device && wire.projection.device.model !== "ideal";
  return (
    <>
      {learns && <path className="learns" d={`M${half - 4} 3a4.2 4.2 0 1 1 6 .6m-2.6-.2 2.6.4.4-2.6`} />}
      {stored && <path className="stored" d={`M${half + (learns ? 14 : 2)} -5l5 5l-5 5l-5 -5Z`} />}
    </>
  );
}
