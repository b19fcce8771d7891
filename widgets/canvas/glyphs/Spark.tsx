import type { Entry, Kind } from "../../core/catalogue";

/** What stands for a kind where a model has no picture of its own. */
const KINDS: Record<Kind, string> = {
  neuron: "M1 13h7c4 0 6-2 8-5L19 2l2 12c2-1 3-1 5-1h13",
  kinetics: "M1 14h10l3-11c6 8 12 10 25 11",
  plasticity: "M1 9c10 0 15 1 18 5V2c3 5 8 6 20 6",
  device: "M1 14c4-8 10-11 19-11 0 8 5 11 19 11",
  source: "M4 13V4M11 13V4M15 13V4M25 13V4M34 13V4",
  connector: "M6 4h1M12 8h1M19 12h1M25 4h1M33 8h1M33 12h1M6 12h1M19 4h1",
};

/** A model's response, small: the shape tells models apart in a list. */
export function Spark({ entry }: { entry: Pick<Entry, "kind" | "spark"> | undefined }) {
  const own = entry?.spark;
  return (
    <svg className="spark" data-kind={entry?.kind} data-plain={own ? undefined : true} width="40" height="16" viewBox="0 0 40 16" fill="none" stroke="currentColor" strokeWidth={1.25} strokeLinejoin="round" strokeLinecap="round" aria-hidden="true">
      <path d={own || (entry ? KINDS[entry.kind] : "")} />
    </svg>
  );
}
