import type { InstanceNode } from "../../core/document";
import { innerParams, withoutCopies } from "../model/overrides";
import { setAt, unsetAt, type Keys } from "../model/pointer";
import { useCircuit, useSession, useStudio } from "../studio";
import { ParamRow } from "./ParamRow";

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

const copyOf = (path: string): string => {
  const copy = /^\[([^\]]*)\]/.exec(path);
  return copy ? `Copy ${copy[1]}: ` : "";
};
