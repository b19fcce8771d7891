import { shortNumber } from "../model/values";
import { timeText } from "../top/Progress";
import { columnsOf, HIGH, KINDS, marksOf, ROW, SPAN, WIDE } from "./picture";
import type { Raster, RasterRows } from "./twin";

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
      {shown.map(([path, one]) => <Population key={path} path={path} one={one} raster={raster} />)}
      {shown.length < raster.of && <p className="small quiet">{shown.length} of {raster.of} populations: those that agree least, and the readout.</p>}
    </div>
  );
}

function Population({ path, one, raster }: { path: string; one: RasterRows; raster: Raster }) {
  const all = one.neurons.length === one.fired;
  const long = raster.bin_ms * one.bins.both.length;
  const whole = raster.to_ms >= 0.999 * long;
  const more = !all || !whole; // else columns would say nothing new
  return (
    <figure>
      <figcaption className="small">
        <span className="mono">{path}</span>{" "}
        <span className="quiet">
          {all ? "all neurons that fired" : `${one.neurons.length} of the ${shortNumber(one.fired)} neurons that fired`}, {whole ? timeText(raster.to_ms) : `the first ${timeText(raster.to_ms)}`}
          {more && `; below, all neurons in all ${timeText(long)}`}
        </span>
      </figcaption>
      <Marks path={path} one={one} to={raster.to_ms} />
      {more && <Columns path={path} one={one} />}
    </figure>
  );
}

function Marks({ path, one, to }: { path: string; one: RasterRows; to: number }) {
  const count = KINDS.map((_, kind) => one.kind.filter((own) => own === kind).length);
  return (
    <svg role="img" viewBox={`0 0 ${WIDE} ${ROW * one.neurons.length}`} aria-label={`Spikes of ${path}: ${count[0]} of both runs, ${count[1]} of the ideal network alone, ${count[2]} of the chip alone`}>
      {marksOf(one, to).map((d, kind) => <path key={kind} data-by={KINDS[kind]} d={d} />)}
    </svg>
  );
}

function Columns({ path, one }: { path: string; one: RasterRows }) {
  return (
    <svg role="img" viewBox={`0 0 ${WIDE} ${HIGH}`} aria-label={`Spikes of all neurons of ${path} in the whole run`}>
      {columnsOf(one).map(({ kind, ...rect }, k) => <rect key={k} data-by={KINDS[kind]} {...rect} />)}
    </svg>
  );
}
