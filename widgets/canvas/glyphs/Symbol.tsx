import { symbolOf } from "../model/symbols";

/** A parameter's name as it is written on paper. */
export function Symbol({ name }: { name: string }) {
  const { base, sub } = symbolOf(name);
  return (
    <span className="symbol">
      {base}
      {sub && <sub>{sub}</sub>}
    </span>
  );
}
