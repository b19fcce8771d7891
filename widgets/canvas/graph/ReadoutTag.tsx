import { rateText, useReadout } from "./useReadout";

/** The rate of a box under it, live while a run goes on; struck pale once the network has changed since. */
export function ReadoutTag({ node }: { node: string }) {
  const readout = useReadout(node);
  if (!readout) return null;
  return (
    <span className="readout" data-stale={readout.stale} data-live={readout.live} title={readout.stale ? "From a run before the latest change" : "Mean rate of the latest run"}>
      {rateText(readout.rate)}
    </span>
  );
}
