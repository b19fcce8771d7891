import type { Form } from "../model/values";

/** A picture of a distribution. */
export function Bell({ form }: { form: Form }) {
  return (
    <svg className="bell" width="36" height="20" viewBox="0 0 36 20" aria-hidden="true">
      <path d={form === "uniform" ? "M2 18H8V5H28V18H34" : "M2 18C11 18 12 3 18 3S25 18 34 18"} fill="none" stroke="currentColor" strokeWidth="1.4" strokeLinejoin="round" />
    </svg>
  );
}
