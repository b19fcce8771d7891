import type { Value } from "../../core/document";
import { useSession } from "../studio";

interface ArrayFieldProps {
  name: string;
  /** The array's name in the document's data; empty where none is given. */
  chosen: string;
  /** Only arrays are taken here: one of the document's can be chosen. */
  choosing: boolean;
  onValue(value: Value): void;
}

/** An array by its name and shape; its numbers stay in Python. */
export function ArrayField({ name, chosen, choosing, onValue }: ArrayFieldProps) {
  const data = useSession((state) => state.document.data) ?? {};
  const names = Object.keys(data).sort();
  if (!choosing || names.length === 0) {
    return (
      <span className="quiet small cut" title={`${TIP}${chosen ? ` ${described(chosen, data[chosen])}` : ""}`} data-testid={`field-${name}`}>
        {chosen ? described(chosen, data[chosen]) : "no array yet"}
      </span>
    );
  }
  return (
    <span className="field word array" title={TIP}>
      <select aria-label={name} data-testid={`field-${name}`} value={chosen} onChange={(event) => onValue({ data: event.target.value })}>
        {!(chosen in data) && <option value={chosen}>{chosen || "no array yet"}</option>}
        {names.map((key) => (
          <option key={key} value={key}>
            {described(key, data[key])}
          </option>
        ))}
      </select>
    </span>
  );
}

const TIP = "Arrays come from Python or from a file; here they are chosen by name.";

/** “kernel, 4 × 2 × 3 × 3”. */
const described = (key: string, entry: { shape?: readonly number[] } | undefined): string => (entry?.shape?.length ? `${key}, ${entry.shape.join(" × ")}` : key);
