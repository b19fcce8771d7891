import type { ReactNode } from "react";

/** A label and what it names. */
export function Row({ label, title, children }: { label: ReactNode; title?: string; children: ReactNode }) {
  return (
    <div className="param">
      <div className="param-line">
        <span className="label" title={title}>
          {label}
        </span>
        {children}
      </div>
    </div>
  );
}
