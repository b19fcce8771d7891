import { useRef, useState, type PointerEvent } from "react";

import type { ResponsePanel } from "../../core/questions";
import { showUnit } from "../../core/units";
import { looksOf, pathOf, scaleOf, tickText, valueAt } from "../model/plot";
import { shortNumber } from "../model/values";

const axis = (name: string, unit: string): string => (unit ? `${name} (${showUnit(unit)})` : name);

/** One panel of a response with units on its axes; the pointer reads values. */
export function ResponsePlot({ panel, width, height }: { panel: ResponsePanel; width: number; height: number }) {
  const [at, setAt] = useState<number | null>(null);
  const svg = useRef<SVGSVGElement>(null);
  const box = { left: 44, top: 40, right: width - 10, bottom: height - 34 };
  const scale = scaleOf(panel, box);
  const looks = looksOf(panel.curves);
  const lines = panel.curves.filter((curve) => curve.form === "line" && curve.x.length > 1);
  const named = panel.curves.flatMap((curve, k) => (curve.label ? [{ label: curve.label.replaceAll("-", "−"), look: looks[k]! }] : []));
  const low = Math.min(...panel.curves.flatMap((curve) => curve.x));
  const high = Math.max(...panel.curves.flatMap((curve) => curve.x));
  const move = (event: PointerEvent): void => {
    const rect = svg.current!.getBoundingClientRect();
    const part = ((event.clientX - rect.left) * (width / rect.width) - box.left) / (box.right - box.left);
    const from = panel.log_x ? Math.log10(low) : low;
    const to = panel.log_x ? Math.log10(high) : high;
    const x = from + part * (to - from);
    setAt(part < 0 || part > 1 ? null : panel.log_x ? 10 ** x : x);
  };
  const read = at === null ? [] : lines.flatMap((curve) => ((y) => (y === null ? [] : [shortNumber(Number(y.toPrecision(3)))]))(valueAt(curve, at)));
  const name = axis(panel.y, panel.y_unit);
  return (
    <figure className="response" role="img" aria-label={`${panel.title}: ${axis(panel.y, panel.y_unit)} against ${axis(panel.x, panel.x_unit)}`}>
      <svg ref={svg} width="100%" viewBox={`0 0 ${width} ${height}`} onPointerMove={move} onPointerLeave={() => setAt(null)}>
        <text className="heading" x={0} y={11}>{panel.title}</text>
        <text x={0} y={29}>{name}</text>
        <Legend named={named} from={12 + 6 * name.length} />
        {scale.yTicks.map((value) => (
          <g key={value}>
            <path className="grid" d={`M${box.left} ${scale.y(value)}H${box.right}`} />
            <text x={box.left - 6} y={scale.y(value) + 4} textAnchor="end">{tickText(value)}</text>
          </g>
        ))}
        {scale.xTicks.map((value) => (
          <g key={value}>
            <path className="axis" d={`M${scale.x(value)} ${box.bottom}v4`} />
            <text x={scale.x(value)} y={box.bottom + 15} textAnchor="middle">{tickText(value)}</text>
          </g>
        ))}
        <path className="axis" d={`M${box.left} ${box.bottom}H${box.right}${scale.zero ? `M${box.left} ${scale.y(0)}H${box.right}` : ""}`} />
        {panel.curves.map((curve, k) => curve.x.length > 0 && <path key={k} className={`curve ${looks[k]!}`} d={pathOf(curve, scale)} />)}
        {at !== null && <path className="cross" d={`M${scale.x(at)} ${box.top}V${box.bottom}`} />}
        <text x={(box.left + box.right) / 2} y={height - 4} textAnchor="middle">{at === null || !read.length ? axis(panel.x, panel.x_unit) : `${shortNumber(Number(at.toPrecision(3)))} ${showUnit(panel.x_unit)}: ${read.join(", ")} ${showUnit(panel.y_unit)}`}</text>
      </svg>
    </figure>
  );
}

function Legend({ named, from }: { named: { label: string; look: string }[]; from: number }) {
  let x = from;
  return (
    <>
      {named.map(({ label, look }) => {
        const here = x;
        x += 28 + 6 * label.length;
        return (
          <g key={label}>
            <path className={`curve ${look}`} d={`M${here} 25h14`} />
            <text x={here + 18} y={29}>{label}</text>
          </g>
        );
      })}
    </>
  );
}
