import type { Fault, Rows, Table } from "../model/authored";
import { renamed } from "../model/authored";
import { Icon } from "../glyphs/Icon";

interface RowsTableProps {
  table: Table;
  rows: Rows;
  faults(field: string): Fault[];
  onChange(rows: Rows): void;
}

/** Named rows of a model: parameters, states, traces. */
export function RowsTable({ table, rows, faults, onChange }: RowsTableProps) {
  const names = Object.keys(rows);
  const add = (): void => {
    let n = names.length + 1;
    while (`x${n}` in rows) n += 1;
    const first = table.field === "params" ? { default: 1, unit: "" } : table.field === "traces" ? { tau: "", side: "pre" } : table.field === "signals" ? { tau: "" } : { start: "0", unit: "" };
    onChange({ ...rows, [`x${n}`]: first });
  };
  const set = (name: string, column: string, value: unknown): void => {
    const row = Object.fromEntries(Object.entries({ ...rows[name], [column]: value }).filter(([, own]) => own !== undefined));
    onChange({ ...rows, [name]: row });
  };
  return (
    <section className="rows" aria-label={table.title}>
      <div className="rows-head">
        <h4>{table.title}</h4>
        <button type="button" className="btn small" data-testid={`add-${table.field}`} onClick={add}><Icon name="plus" size={12} /> {table.add}</button>
      </div>
      {names.length > 0 && (
        <table>
          <thead>
            <tr>
              <th>Name</th>
              {table.columns.map((column) => <th key={column.name}>{column.title}</th>)}
              <th />
            </tr>
          </thead>
          <tbody>
            {names.map((name, k) => (
              <Line key={k} name={name} row={rows[name]!} table={table} faults={faults(`${table.field}.${name}`)} onRename={(to) => to !== name && !(to in rows) && onChange(renamed(rows, name, to))} onSet={(column, value) => set(name, column, value)} onRemove={() => onChange(Object.fromEntries(Object.entries(rows).filter(([own]) => own !== name)))} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

interface LineProps {
  name: string;
  row: Record<string, unknown>;
  table: Table;
  faults: Fault[];
  onRename(to: string): void;
  onSet(column: string, value: unknown): void;
  onRemove(): void;
}

function Line({ name, row, table, faults, onRename, onSet, onRemove }: LineProps) {
  const given = (text: string, number?: boolean): unknown => (text.trim() === "" ? undefined : number && Number.isFinite(Number(text)) ? Number(text) : text);
  return (
    <>
      <tr data-bad={faults.length > 0}>
        <td><input className="mono" aria-label={`Name of ${name}`} defaultValue={name} key={name} spellCheck={false} data-testid={`name-${table.field}-${name}`} onBlur={(event) => onRename(event.target.value.trim())} onKeyDown={(event) => event.key === "Enter" && event.currentTarget.blur()} /></td>
        {table.columns.map((column) => (
          <td key={column.name} data-wide={column.wide}>
            {column.words ? (
              <select aria-label={`${column.title} of ${name}`} value={String(row[column.name] ?? column.words[0])} onChange={(event) => onSet(column.name, event.target.value)}>
                {column.words.map((word) => <option key={word}>{word}</option>)}
              </select>
            ) : (
              <input className={column.wide ? "" : "mono"} aria-label={`${column.title} of ${name}`} data-testid={`cell-${table.field}-${name}-${column.name}`} spellCheck={false} autoComplete="off" defaultValue={row[column.name] === undefined ? "" : String(row[column.name])} key={String(row[column.name])} onChange={(event) => !column.number && onSet(column.name, given(event.target.value))} onBlur={(event) => column.number && onSet(column.name, given(event.target.value, true))} onKeyDown={(event) => event.key === "Enter" && event.currentTarget.blur()} />
            )}
          </td>
        ))}
        <td><button type="button" className="btn small icon" aria-label={`Remove ${name}`} title="Remove" onClick={onRemove}><Icon name="close" size={12} /></button></td>
      </tr>
      {faults.map((fault, k) => (
        <tr key={`fault-${k}`} className="fault-line"><td colSpan={table.columns.length + 2}><p data-severity={fault.severity}><span className="sev"><Icon name={fault.severity} size={12} /></span> {fault.text} {fault.fix}</p></td></tr>
      ))}
    </>
  );
}
