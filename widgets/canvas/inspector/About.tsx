import type { Entry } from "../../core/catalogue";

/** One line about a model, and where it comes from on hover. */
export function About({ entry }: { entry: Entry | undefined }) {
  if (!entry) return null;
  return (
    <p className="about small" title={[entry.source && `Source: ${entry.source}`, entry.limits && `Not modelled: ${entry.limits}`].filter(Boolean).join("\n") || undefined}>
      {entry.doc}
      {entry.source && <span className="quiet"> {entry.source}</span>}
    </p>
  );
}
