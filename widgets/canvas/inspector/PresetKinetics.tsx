import { entryOf, type Entry } from "../../core/catalogue";
import { nodeKey, type Values } from "../../core/document";
import { isAnalog } from "../model/signs";
import { batch, setAt } from "../model/pointer";
import { presetOf } from "../model/presets";
import { useCircuit, useSession, useStudio } from "../studio";

/** Where a neuron's preset means certain kinetics: an offer to take them at all its inputs, in one step. */
export function PresetKinetics({ id, entry, values }: { id: string; entry: Entry | undefined; values: Values }) {
  const { session } = useStudio();
  const { key: circuit, circuit: { nodes, projections } } = useCircuit();
  const catalogue = useSession((state) => state.catalogue);
  const preset = presetOf(catalogue, entry, values);
  const kinetics = preset?.kinetics ? entryOf(catalogue, "kinetics", preset.kinetics) : undefined;
  if (!preset || !kinetics) return null;
  const params: Values = Object.fromEntries(Object.entries(preset.kinetics_params).map(([name, value]) => {
    const unit = kinetics.params.find((param) => param.name === name)?.unit;
    return [name, typeof value === "number" && unit ? { value, unit } : value];
  }));
  const inputs = Object.entries(projections).filter(([, p]) => nodeKey(p.to) === id && !isAnalog(nodes[nodeKey(p.from)], catalogue));
  const others = inputs.filter(([, p]) => p.kinetics?.model !== kinetics.key);
  const take = (): void => {
    const choice = { model: kinetics.key, ...(Object.keys(params).length ? { params } : {}) };
    const commands = others.flatMap(([own, p]) => {
      const at = ["circuits", circuit, "projections", own];
      const weight = typeof p.weight === "object" && p.weight !== null && "unit" in p.weight ? [setAt([...at, "weight"], { ...p.weight, unit: kinetics.weight_unit })] : [];
      return [setAt([...at, "kinetics"], choice), ...weight];
    });
    session.dispatch(batch(commands, `Take ${kinetics.title} at ${others.length === 1 ? "the input" : `${others.length} inputs`}`));
  };
  return (
    <p className="about small preset-kinetics" data-testid="preset-kinetics">
      Its source means {kinetics.title.toLowerCase()} at the inputs{others.length === 0 && inputs.length > 0 ? ", as they are." : "."}{" "}
      {others.length > 0 && <button type="button" className="source-toggle" data-testid="take-kinetics" onClick={take}>Take it at {others.length === 1 ? "the input" : `all ${others.length} inputs`}</button>}
    </p>
  );
}
