import { useId, useRef } from "react";

import type { Fault } from "../model/authored";
import { Icon } from "../glyphs/Icon";

interface CodeFieldProps {
  name: string;
  title: string;
  hint: string;
  text: string;
  faults: Fault[];
  onChange(text: string): void;
}

/** A text of the model language: numbered lines, the place of what is wrong marked, and said in words below. */
export function CodeField({ name, title, hint, text, faults, onChange }: CodeFieldProps) {
  const id = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  const lines = Math.max(1, text.split("\n").length);
  const marked = new Set(faults.map((fault) => fault.line));
  const go = (fault: Fault): void => {
    if (fault.line === null) return;
    const before = text.split("\n").slice(0, fault.line - 1).reduce((sum, line) => sum + line.length + 1, 0);
    const at = Math.min(before + (fault.column ?? 1) - 1, text.length);
    area.current?.focus();
    area.current?.setSelectionRange(at, Math.min(at + wordAt(text, at), text.length));
  };
  return (
    <div className="code-field">
      <label htmlFor={id}>{title}</label>
      <div className="code" data-bad={faults.some((fault) => fault.severity === "error")}>
        <div className="code-lines" aria-hidden="true">
          {Array.from({ length: lines }, (_, k) => <i key={k} data-bad={marked.has(k + 1)}>{k + 1}</i>)}
        </div>
        <div className="code-text">
          <Marks text={text} faults={faults} />
          <textarea id={id} ref={area} rows={lines} wrap="off" spellCheck={false} autoComplete="off" autoCapitalize="off" placeholder={hint} aria-invalid={faults.length > 0} aria-describedby={faults.length ? `${id}-why` : undefined} data-testid={`code-${name}`} value={text} onChange={(event) => onChange(event.target.value)} />
        </div>
      </div>
      {faults.length > 0 && (
        <div className="row-findings" id={`${id}-why`} role="status">
          {faults.map((fault, k) => (
            <p key={k} data-severity={fault.severity} data-testid={`fault-${name}`}>
              <span className="sev"><Icon name={fault.severity} size={12} /></span>
              <span>
                {fault.line !== null && <button type="button" className="place" title="Go there" onClick={() => go(fault)}>Line {fault.line}, column {fault.column}</button>} {fault.text} {fault.fix}
              </span>
            </p>
          ))}
        </div>
      )}
    </div>
  );
}

/** How long the word at a place is, at least one sign. */
const wordAt = (text: string, at: number): number => /^\w+/.exec(text.slice(at))?.[0].length ?? 1;

/** The same text, unseen, with what is wrong underlined. */
function Marks({ text, faults }: { text: string; faults: Fault[] }) {
  return (
    <pre className="code-marks" aria-hidden="true">
      {text.split("\n").map((line, k) => {
        const here = faults.find((fault) => fault.line === k + 1);
        if (!here) return `${line}\n`;
        const at = Math.min((here.column ?? 1) - 1, line.length);
        const end = at + wordAt(line, at);
        return <span key={k}>{line.slice(0, at)}<u data-severity={here.severity}>{line.slice(at, end) || " "}</u>{line.slice(end)}{"\n"}</span>;
      })}
    </pre>
  );
}
