import { Row } from "./Row";
import { TextField } from "./TextField";

interface ShapeProps {
  size: number;
  shape: number[] | null;
  onChange(shape: number[] | null): void;
}

/** Rows and columns of a population, as text: 20 × 40; empty for a line. */
export function Shape({ size, shape, onChange }: ShapeProps) {
  return (
    <Row label="Shape" title="Rows × columns; their product is the size. Leave empty for a line.">
      <span className="field shape">
        <TextField name="shape" value={shape ? shape.join(" × ") : ""} placeholder="a line" check={(text) => faultOf(text, size)} onCommit={(text) => onChange(text ? numbersOf(text) : null)} />
      </span>
    </Row>
  );
}

const numbersOf = (text: string): number[] => text.split(/[^0-9.]+/).filter(Boolean).map(Number);

function faultOf(text: string, size: number): string {
  if (!text.trim()) return "";
  const numbers = numbersOf(text);
  const product = numbers.reduce((all, n) => all * n, 1);
  return numbers.every((n) => Number.isInteger(n) && n > 0) && product === size ? "" : `Whole numbers whose product is ${size}.`;
}
