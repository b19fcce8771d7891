import { nodeKey, type Projection } from "../../core/document";
import { setAt, type Keys } from "../model/pointer";
import { useCircuit, useStudio } from "../studio";
import { Row } from "./Row";
import { TextField } from "./TextField";

/** Which copies of a repeated circuit a projection joins; shown only where there are several. */
export function Copies({ at, projection }: { at: Keys; projection: Projection }) {
  const { session } = useStudio();
  const { circuit } = useCircuit();
  const repeated = [projection.from, projection.to].some((end) => {
    const node = circuit.nodes[nodeKey(end)];
    return node?.kind === "instance" && (node.repeat ?? 1) > 1;
  });
  if (!repeated) return null;
  const copies = projection.copies ?? "all";
  const word = typeof copies === "string" ? copies : "offsets";
  const choose = (next: string): void => void session.dispatch(setAt([...at, "copies"], next === "offsets" ? { offsets: [[1]], wrap: false } : next, "Set copies"));
  return (
    <>
    <Row label="Copies" title="Which copies of the repeated circuit are joined">
      <span className="field word">
        <select aria-label="copies" data-testid="field-copies" value={word} onChange={(event) => choose(event.target.value)}>
          <option value="all">each with all</option>
          <option value="same">each with its own</option>
          <option value="offsets">by offset</option>
        </select>
      </span>
    </Row>
    {typeof copies !== "string" && (
      <Row label="Offsets" title="Copy c reaches copies c + offset; several are parted by semicolons, grids have two numbers: 0, 1; 1, 0">
        <span className="field shape">
          <TextField name="offsets" value={copies.offsets.map((offset) => offset.join(", ")).join("; ")} check={(text) => (offsetsOf(text) ? "" : "Whole numbers, such as 1; -1")} onCommit={(text) => void session.dispatch(setAt([...at, "copies"], { ...copies, offsets: offsetsOf(text) }, "Set offsets"))} />
        </span>
      </Row>
    )}
    </>
  );
}

function offsetsOf(text: string): number[][] | null {
  const offsets = text.split(";").map((part) => part.split(",").map((number) => Number(number.replace("\u2212", "-"))));
  return offsets.length && offsets.every((offset) => offset.every(Number.isInteger)) ? offsets : null;
}
