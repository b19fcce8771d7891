// What the links carry, out of a report.

import type { Report } from "../../core/report";

/** Events per second that one link can carry; null where the machine's figure is not known. */
export function capacityOf(report: Report): number | null {
  const capacity = report.traffic?.["capacity"];
  return typeof capacity === "number" && capacity > 0 ? capacity : null;
}
