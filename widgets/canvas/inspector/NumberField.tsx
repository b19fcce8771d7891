import { useEffect, useId, useRef, useState, type KeyboardEvent, type PointerEvent } from "react";

import { convert, showUnit, unitsLike } from "../../core/units";
import { boundsText, inBounds, numberText, readTyped, stepOf, stepped, type Bounds } from "../model/values";
import { useSession } from "../studio";

interface NumberFieldProps {
  /** Spoken name; also the test id `field-<name>`. */
  name: string;
  value: number | null;
  /** The unit the value is in; the bounds are in `bounds.unit`. */
  unit?: string;
  bounds: Bounds;
  title?: string;
  disabled?: boolean;
  placeholder?: string;
  className?: string;
  autoFocus?: boolean;
  onCommit(value: number, unit: string): void;
  /** What an emptied field means; without it a field cannot be empty. */
  onClear?: () => void;
}

/** A number with its unit: typed, stepped with the arrows, or scrubbed. What is not allowed says so while it is typed. */
export function NumberField({ name, value, unit = "", bounds, title, disabled, placeholder, className = "", autoFocus, onCommit, onClear }: NumberFieldProps) {
  const catalogue = useSession((state) => state.catalogue);
  const [draft, setDraft] = useState<string | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const late = useRef<ReturnType<typeof setTimeout>>(undefined);
  const why = useId();
  const shown = draft ?? (value === null ? "" : numberText(value));
  const fault = draft === null ? "" : faultIn(draft);
  useEffect(() => setDraft(null), [value, unit]);
  useEffect(() => () => clearTimeout(late.current), []);
  useEffect(() => {
    if (!autoFocus) return;
    input.current?.focus();
    input.current?.select();
  }, [autoFocus]);

  function faultIn(text: string): string {
    if (onClear && !text.trim()) return "";
    const typed = readTyped(text);
    const range = boundsText(bounds);
    if (!typed) return `A number${unit ? ` in ${showUnit(unit)}` : ""}${range ? `, ${range}` : ""}.`;
    const own = convert(catalogue, typed.value, typed.unit || unit, bounds.unit);
    if (own === null) return `“${typed.unit}” cannot be turned into ${showUnit(bounds.unit) || "a plain number"}.`;
    return inBounds(own, bounds) ? "" : `Must be ${range}.`;
  }

  const commit = (text: string | null = draft): void => {
    clearTimeout(late.current);
    if (text === null || faultIn(text)) return;
    const typed = readTyped(text);
    setDraft(null);
    if (!typed) return value === null ? undefined : onClear?.();
    if (typed.value !== value || (typed.unit && typed.unit !== unit)) onCommit(typed.value, typed.unit || unit);
  };
  /** A step shows at once and is kept when the hand rests: one undo for a run of steps. */
  const step = (n: number, from: number = readTyped(shown)?.value ?? 0, base = from): void => {
    const next = numberText(clamp(stepped(from, stepOf(base, bounds.integer), n), bounds, unit === bounds.unit));
    setDraft(next);
    clearTimeout(late.current);
    late.current = setTimeout(() => commit(next), 400);
  };
  const keys = (event: KeyboardEvent): void => {
    const sign = event.key === "ArrowUp" ? 1 : event.key === "ArrowDown" ? -1 : 0;
    if (sign) {
      event.preventDefault();
      step(sign * (event.shiftKey ? 10 : 1));
    } else if (event.key === "Enter") {
      commit();
      input.current?.select();
    } else if (event.key === "Escape" && draft !== null) {
      event.stopPropagation();
      clearTimeout(late.current);
      setDraft(null);
    }
  };
  const scrub = useScrub(disabled ? null : (pixels, start) => step(Math.round(pixels / 4), start, start), () => readTyped(shown)?.value ?? 0);
  const choices = unit ? unitsLike(catalogue, unit) : [];

  return (
    <span className={`numeric ${className}`}>
      <span className="field number" data-bad={fault !== ""} title={title}>
        <input
          ref={input}
          value={shown}
          disabled={disabled}
          placeholder={placeholder}
          inputMode="decimal"
          autoComplete="off"
          spellCheck={false}
          aria-label={name}
          aria-invalid={fault !== ""}
          aria-describedby={fault ? why : undefined}
          data-testid={`field-${name}`}
          onChange={(event) => setDraft(event.target.value)}
          onBlur={() => commit()}
          onKeyDown={keys}
          {...scrub}
        />
        {choices.length > 1 ? (
          <select className="unit" value={unit} disabled={disabled} aria-label={`Unit of ${name}`} title="The same quantity in another unit" onChange={(event) => value !== null && onCommit(convert(catalogue, value, unit, event.target.value) ?? value, event.target.value)}>
            {choices.map((choice) => (
              <option key={choice} value={choice}>
                {showUnit(choice)}
              </option>
            ))}
          </select>
        ) : (
          unit && <span className="unit">{showUnit(unit)}</span>
        )}
      </span>
      {fault && (
        <span className="fault" id={why} role="alert" data-testid={`fault-${name}`}>
          {fault} {value !== null && <button type="button" onClick={() => setDraft(null)}>Keep {numberText(value)}</button>}
        </span>
      )}
    </span>
  );
}

function clamp(value: number, bounds: Bounds, sameUnit: boolean): number {
  if (!sameUnit) return value;
  const low = bounds.low !== null && !bounds.low_open ? Math.max(value, bounds.low) : value;
  return bounds.high !== null && !bounds.high_open ? Math.min(low, bounds.high) : low;
}

/** Press and drag sideways to change, press and let go to type. */
function useScrub(change: ((pixels: number, start: number) => void) | null, read: () => number) {
  const from = useRef<{ x: number; value: number; moved: boolean } | null>(null);
  if (!change) return {};
  return {
    onPointerDown(event: PointerEvent<HTMLInputElement>) {
      if (event.button !== 0 || event.currentTarget.matches(":focus")) return;
      event.preventDefault();
      event.currentTarget.setPointerCapture(event.pointerId);
      from.current = { x: event.clientX, value: read(), moved: false };
    },
    onPointerMove(event: PointerEvent<HTMLInputElement>) {
      const start = from.current;
      if (!start) return;
      const pixels = event.clientX - start.x;
      start.moved ||= Math.abs(pixels) > 3;
      if (start.moved) change(pixels, start.value);
    },
    onPointerUp(event: PointerEvent<HTMLInputElement>) {
      const start = from.current;
      from.current = null;
      if (!start || start.moved) return;
      event.currentTarget.focus();
      event.currentTarget.select();
    },
    onPointerCancel() {
      from.current = null;
    },
  };
}
