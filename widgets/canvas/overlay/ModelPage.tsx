import { entryOf, type Kind } from "../../core/catalogue";
import type { Values } from "../../core/document";
import { showUnit } from "../../core/units";
import { Icon } from "../glyphs/Icon";
import { Spark } from "../glyphs/Spark";
import { Symbol } from "../glyphs/Symbol";
import { ModelFacts } from "../inspector/ModelFacts";
import { Preview } from "../inspector/Preview";
import { Sourced } from "../inspector/Sourced";
import { presetText } from "../model/presets";
import { boundsText, valueText } from "../model/values";
import { useSession, useStudio } from "../studio";
import { Dialog } from "./Dialog";

/** Everything about one model, with its response at the parameters it was opened from. */
export function ModelPage({ kind, model, values }: { kind: Kind; model: string; values: Values }) {
  const { view } = useStudio();
  const entry = useSession((state) => entryOf(state.catalogue, kind, model));
  if (!entry) return null;
  return (
    <Dialog label={entry.title} className="page">
      <header className="page-head">
        <Spark entry={entry} />
        <div>
          <h2>{entry.title}</h2>
          <p className="quiet small"><span className="mono">{entry.key}</span> · {entry.kind}{entry.family ? ` · ${entry.family}` : ""}</p>
        </div>
        <button type="button" className="btn icon" aria-label="Close the page" onClick={() => view.set({ overlay: null })}><Icon name="close" size={14} /></button>
      </header>
      <div className="page-body scroll" tabIndex={0}>
        <p>{entry.doc}</p>
        <Preview kind={kind} model={model} values={values} wide />
        <ModelFacts entry={entry} />
        {entry.params.length > 0 && (
          <table className="page-table">
            <thead><tr><th>Parameter</th><th>Value</th><th>Default</th><th>Allowed</th><th /></tr></thead>
            <tbody>
              {entry.params.map((param) => (
                <tr key={param.name} data-set={param.name in values}>
                  <th><Symbol name={param.name} /></th>
                  <td>{valueText(values[param.name] ?? param.default, param.unit)}</td>
                  <td className="quiet">{param.default === null ? "" : `${param.default} ${showUnit(param.unit)}`}</td>
                  <td className="quiet">{param.choices.length ? param.choices.join(", ") : boundsText(param)}</td>
                  <td>{param.doc}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        {(entry.presets?.length ?? 0) > 0 && (
          <table className="page-table">
            <thead><tr><th>Preset</th><th>Values</th><th>Source</th></tr></thead>
            <tbody>
              {entry.presets!.map((preset) => (
                <tr key={preset.key}>
                  <th>{preset.title}</th>
                  <td>{presetText(entry, preset)}{preset.kinetics && ` with ${preset.kinetics} kinetics`}</td>
                  <td className="quiet"><Sourced text={preset.source} /></td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
    </Dialog>
  );
}
