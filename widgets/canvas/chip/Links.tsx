import type { Report } from "../../core/report";

/** What the links carry after a run: how much of their capacity, which binds, and because of whom. */
export function Links({ report }: { report: Report }) {
  if (!report.traffic) return null;
  return <p className="small quiet">{JSON.stringify(report.traffic).slice(0, 200)}</p>;
}
