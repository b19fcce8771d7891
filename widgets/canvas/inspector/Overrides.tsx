import { entryOf, type Catalogue, type ParamEntry } from "../../core/catalogue";
import type { Document, InstanceNode, Value } from "../../core/document";
import { setAt, unsetAt, type Keys } from "../model/pointer";
import { useCircuit, useSession, useStudio } from "../studio";
import { ParamRow } from "./ParamRow";

interface Inner {
  path: string;
  label: string;
  param: ParamEntry;
  value: Value | undefined;
}

/** Parameters of the inside that this use of the circuit sets differently; any of them can be brought out. */
export function Overrides({ at, node, id }: { at: Keys; node: InstanceNode; id: string }) {
  const { session } = useStudio();
  const { document } = useCircuit();
  const catalogue = useSession((state) => state.catalogue);
  const all = innerParams(document, node.of, catalogue);
  const override = node.override ?? {};
  const known = new Map(all.map((inner) => [inner.path, inner]));
  const free = all.filter(({ path }) => !(path in override));
  return (
    <>
      {Object.entries(override).map(([path, value]) => {
        const inner = known.get(withoutCopies(path));
        const reset = (): void => void session.dispatch(unsetAt([...at, path], `Reset ${path}`));
        if (!inner) return <p key={path} className="small quiet">{path}: not in the circuit <button type="button" className="btn small" onClick={reset}>Remove</button></p>;
        return (
          <div key={path}>
            <div className="quiet small under">{copyOf(path)}{inner.label}</div>
            <ParamRow param={inner.param} name={path} value={value} where={`${id}.${path}`} onChange={(next) => void session.dispatch(setAt([...at, path], next, `Set ${path}`))} onReset={reset} />
          </div>
        );
      })}
      {free.length > 0 && (
        <span className="field word add">
          <select aria-label="Set a parameter differently" data-testid="add-override" value="" onChange={(event) => bring(event.target.value)}>
            <option value="">Set a parameter differently …</option>
            {free.map(({ path }) => (
              <option key={path} value={path}>{path}</option>
            ))}
          </select>
        </span>
      )}
    </>
  );

  function bring(path: string): void {
    const inner = known.get(path);
    if (inner) session.dispatch(setAt([...at, path], inner.value ?? inner.param.default ?? 0, `Set ${path}`));
  }
}

/** `[1].exc.tau_m`, a parameter of one copy, is `exc.tau_m` in the circuit. */
const withoutCopies = (path: string): string => path.replace(/\[[^\]]*\]/g, "").replace(/^\./, "");

const copyOf = (path: string): string => {
  const copy = /^\[([^\]]*)\]/.exec(path);
  return copy ? `Copy ${copy[1]}: ` : "";
};

function innerParams(document: Document, of: string, catalogue: Catalogue, prefix = "", depth = 0): Inner[] {
  if (depth > 4) return [];
  return Object.entries(document.circuits[of]?.nodes ?? {}).flatMap(([key, node]) => {
    if (node.kind === "instance") return innerParams(document, node.of, catalogue, `${prefix}${key}.`, depth + 1);
    const entry = entryOf(catalogue, node.kind === "source" ? "source" : "neuron", node.model);
    return (entry?.params ?? []).filter((param) => param.kind === "number").map((param) => ({ path: `${prefix}${key}.${param.name}`, label: node.name, param, value: node.params?.[param.name] }));
  });
}
