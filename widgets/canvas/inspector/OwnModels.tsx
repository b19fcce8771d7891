import type { Kind } from "../../core/catalogue";
import { Icon } from "../glyphs/Icon";
import { Spark } from "../glyphs/Spark";
import { textOf } from "../model/authored";
import { removalOf } from "../overlay/OwnModel";
import { useSession, useStudio } from "../studio";
import { WRITTEN } from "./ModelChooser";

const NONE = {};
const LIKE: Partial<Record<Kind, string>> = { neuron: "lif", kinetics: "exponential", plasticity: "stdp_pair", device: "soft_bounds" };

/** The document's own models: edited, taken out, or a new one begun. */
export function OwnModels() {
  const { session, view } = useStudio();
  const models = useSession((state) => state.document.models) ?? NONE;
  const catalogue = useSession((state) => state.catalogue);
  const findings = useSession((state) => state.findings);
  const own = Object.entries(models as { [key: string]: { kind?: Kind; title?: string } });
  return (
    <div className="own-models">
      {own.map(([key, body]) => {
        const entry = catalogue.entries.find((one) => one.own && one.key === key);
        const kind = body?.kind ?? "neuron";
        const wrong = findings.some((finding) => finding.severity === "error" && (finding.where === `models.${key}` || finding.where.startsWith(`models.${key}.`)));
        return (
          <div key={key} className="own-item">
            <button type="button" className="item model" data-testid={`own-model-${key}`} onClick={() => view.set({ overlay: { own: { kind, key } } })}>
              <Spark entry={entry ?? { kind }} />
              <span className="two"><span className="cut">{textOf(body?.title) || key}</span><small className="cut">{kind} · <span className="mono">{key}</span></small></span>
              {wrong && <span className="end" data-severity="error"><span className="sev"><Icon name="error" size={14} /></span></span>}
            </button>
            <button type="button" className="btn small icon" aria-label={`Remove ${key}`} title="Remove from the document" onClick={() => void session.dispatch(removalOf(key))}><Icon name="trash" size={13} /></button>
          </div>
        );
      })}
      <div className="own-new">
        {WRITTEN.map((kind) => (
          <button key={kind} type="button" className="btn small line" data-testid={`own-new-${kind}`} onClick={() => view.set({ overlay: { own: { kind, like: LIKE[kind]! } } })}><Icon name="plus" size={12} /> {kind === "kinetics" ? "Kinetics" : kind === "plasticity" ? "Plasticity" : kind === "device" ? "Device" : "Neuron"}</button>
        ))}
      </div>
    </div>
  );
}
