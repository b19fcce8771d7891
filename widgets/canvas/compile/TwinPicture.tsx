import { shortNumber } from "../model/values";
import { timeText } from "../top/Progress";
import type { Raster, RasterRows } from "./twin";

const WIDE = 600; // as many px as the dialog is wide, about
const ROW = 6; // px of a neuron
const HIGH = 28; // px of the columns over the whole run
const KINDS = ["both", "ideal", "chip"] as const;
/** Where in its row a mark stands: what both fired all of it, the ideal alone the upper half, the chip alone the lower. */
const SPAN = [[0.06, 0.94], [0.06, 0.5], [0.5, 0.94]] as const;

/** Both runs in one picture: which spikes both fired and which only one, of some neurons from the start and of all over the whole run. */
export function TwinPicture({ raster }: { raster: Raster }) {
  const shown = Object.entries(raster.populations);
  const words = [`both, within ${raster.within_ms}\u202fms`, "the ideal network alone", "the chip alone"];
  return (
    <div className="twin-picture" data-testid="twin-picture">
      <p className="small quiet">
        {KINDS.map((kind, k) => (
          <span key={kind} className="key">
            <svg width="8" height="12" aria-hidden="true"><rect data-by={kind} x="3" y={12 * SPAN[k]![0]} width="2.5" height={12 * (SPAN[k]![1] - SPAN[k]![0])} /></svg> {words[k]}
          </span>
        ))}
      </p>
      {shown.map(([path, one]) => (
        <figure key={path}>
          <figcaption className="small"><span className="mono">{path}</span> <span className="quiet">{one.neurons.length === one.fired ? "all neurons that fired" : `${one.neurons.length} of the ${shortNumber(one.fired)} neurons that fired`}, the first {timeText(raster.to_ms)}; below, all neurons in all {timeText(raster.bin_ms * one.bins.both.length)}</span></figcaption>
          <Marks path={path} one={one} to={raster.to_ms} />
          <Columns path={path} one={one} />
        </figure>
      ))}
      {shown.length < raster.of && <p className="small quiet">{shown.length} of {raster.of} populations: those that agree least, and the readout.</p>}
    </div>
  );
}

function Marks({ path, one, to }: { path: string; one: RasterRows; to: number }) {
  const lines = KINDS.map((_, kind) => one.ms.flatMap((ms, k) => (one.kind[k] === kind ? [`M${((WIDE * ms) / to).toFixed(1)} ${(ROW * (one.row[k]! + SPAN[kind]![0])).toFixed(1)}v${(ROW * (SPAN[kind]![1] - SPAN[kind]![0])).toFixed(1)}`] : [])));
  const high = ROW * one.neurons.length;
  return (
    <svg role="img" viewBox={`0 0 ${WIDE} ${high}`} aria-label={`Spikes of ${path}: ${lines[0]!.length} of both runs, ${lines[1]!.length} of the ideal network alone, ${lines[2]!.length} of the chip alone`}>
      {lines.map((found, kind) => <path key={kind} data-by={KINDS[kind]} d={found.join("")} />)}
    </svg>
  );
}

function Columns({ path, one: { bins } }: { path: string; one: RasterRows }) {
  const n = bins.both.length;
  const most = Math.max(1, ...bins.both.map((both, k) => both + bins.ideal[k]! + bins.chip[k]!));
  const wide = WIDE / n;
  return (
    <svg role="img" viewBox={`0 0 ${WIDE} ${HIGH}`} aria-label={`Spikes of all neurons of ${path} in the whole run, up to ${most} in a column`}>
      {bins.both.map((both, k) => {
        const tall = [both, bins.ideal[k]!, bins.chip[k]!].map((count) => (HIGH * count) / most);
        return tall.map((height, kind) => height > 0 && <rect key={`${k} ${kind}`} data-by={KINDS[kind]} x={k * wide} y={HIGH - tall.slice(0, kind + 1).reduce((a, b) => a + b, 0)} width={wide - 1} height={height} />);
      })}
    </svg>
  );
}
