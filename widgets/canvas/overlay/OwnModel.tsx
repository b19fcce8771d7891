import { useEffect, useRef, useState } from "react";

import type { Entry, Kind } from "../../core/catalogue";
import type { Finding } from "../../core/document";
import type { Body } from "../../core/questions";
import { Icon } from "../glyphs/Icon";
import { ModelFacts } from "../inspector/ModelFacts";
import { Preview } from "../inspector/Preview";
import { CODE, faultsOf, freeKey, rowsOf, TABLES, textOf, withField, WORDS, type Fault } from "../model/authored";
import { setAt, unsetAt } from "../model/pointer";
import { useSession, useStudio } from "../studio";
import { CodeField } from "./CodeField";
import { Dialog } from "./Dialog";
import { RowsTable } from "./RowsTable";

const REST_MS = 180;

interface OwnModelProps {
  kind: Kind;
  /** The model to begin from. */
  like?: string;
  /** A model of the document to go on with. */
  own?: string;
}

/** A model of one's own, as text: judged by Python as one types, with its equations and response beside it. */
export function OwnModel({ kind, like, own }: OwnModelProps) {
  const { session, view } = useStudio();
  const [key, setKey] = useState(own ?? "");
  const [body, setBody] = useState<Body | null>(null);
  useEffect(() => {
    void session.ask("model_text", { kind, key: own ?? like ?? "" }).then((answer) => {
      const { catalogue, document } = session.getState();
      const taken = new Set([...catalogue.entries.map((entry) => entry.key), ...Object.keys(document.models ?? {})]);
      if (own === undefined) setKey(freeKey(like ?? kind, taken));
      const standing = own === undefined ? undefined : ((document.models ?? {})[own] as Body | undefined);
      setBody(own !== undefined ? (answer?.body ?? standing ?? { kind }) : answer ? begun(answer.body) : { kind });
    });
  }, [session, kind, like, own]);
  if (!body) return <Dialog label="A model of your own" className="page"><p className="none quiet">Reading the model …</p></Dialog>;
  const close = (): void => view.set({ overlay: null });
  return <Editor kind={kind} fresh={own === undefined} name={key} body={body} like={like} onClose={close} />;
}

/** A copy is a model of this document: its words say so, its presets stay behind. */
function begun(body: Body): Body {
  const { presets: _presets, family: _family, ...rest } = body;
  return { ...rest, title: `My ${textOf(body["title"]).replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase())}` };
}

interface EditorProps {
  kind: Kind;
  fresh: boolean;
  name: string;
  body: Body;
  like?: string;
  onClose(): void;
}

function Editor({ kind, fresh, name, body: first, like, onClose }: EditorProps) {
  const { session } = useStudio();
  const [key, setKey] = useState(name);
  const [body, setBody] = useState(first);
  const { findings, entry, judged } = useJudged(key, body, fresh);
  const wrong = findings.filter((finding) => finding.severity === "error").length;
  const faults = (field: string): Fault[] => faultsOf(findings, key, field);
  const set = (field: string, value: unknown): void => setBody((before) => withField(before, field, value));
  const save = (): void => {
    const verb = fresh ? "Add" : "Change";
    if (session.dispatch(setAt(["models", key], body, `${verb} the model ${textOf(body["title"]) || key}`))) onClose();
  };
  const rest = findings.filter((finding) => !placed(finding, key, kind));
  return (
    <Dialog label="A model of your own" className="page own">
      <header className="page-head">
        <div>
          <h2>{fresh ? `A ${kind === "kinetics" ? "kinetics" : kind} of your own` : textOf(body["title"]) || key}</h2>
          <p className="quiet small">{fresh && like ? `Begun from ${like}. ` : ""}Kept in this document; runs as fast as a built-in model.</p>
        </div>
        <Verdict judged={judged} wrong={wrong} />
        <button type="button" className="btn" onClick={onClose}>Cancel</button>
        <button type="button" className="btn primary" data-testid="own-save" aria-disabled={wrong > 0 || !judged} title={wrong ? "What is marked stands in the way" : "Ctrl Enter"} onClick={() => !wrong && judged && save()}>{fresh ? "Add to the document" : "Keep"}</button>
      </header>
      <div className="own-body" onKeyDown={(event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && !wrong && judged && (event.preventDefault(), save())}>
        <div className="own-form scroll">
          <div className="own-names">
            <Line title="Title" value={textOf(body["title"])} testid="own-title" onChange={(value) => set("title", value)} />
            {fresh && <Line title="Key" mono value={key} testid="own-key" faults={faults("key")} onChange={(value) => setKey(value.trim())} />}
            <Line title="What it does" value={textOf(body["doc"])} testid="own-doc" onChange={(value) => set("doc", value)} />
            <Line title="Source" value={textOf(body["source"])} testid="own-source" onChange={(value) => set("source", value)} />
          </div>
          {rest.length > 0 && (
            <div className="row-findings" role="status">
              {rest.map((finding, k) => <p key={k} data-severity={finding.severity}><span className="sev"><Icon name={finding.severity} size={12} /></span><span>{finding.text} {finding.fix}</span></p>)}
            </div>
          )}
          {TABLES[kind]!.map((table) => <RowsTable key={table.field} table={table} rows={rowsOf(body, table.field)} faults={faults} onChange={(rows) => set(table.field, rows)} />)}
          <Texts kind={kind} body={body} faults={faults} onSet={set} />
          <Words kind={kind} body={body} faults={faults} onSet={set} />
        </div>
        <div className="own-side scroll">
          {entry ? (
            <>
              <ModelFacts entry={{ ...entry, source: "", limits: "", states: [] }} />
              <Preview kind={kind} model={key} values={{}} body={body} />
            </>
          ) : (
            <p className="none quiet small">Equations and response appear here when the texts can be read.</p>
          )}
        </div>
      </div>
    </Dialog>
  );
}

function Verdict({ judged, wrong }: { judged: boolean; wrong: number }) {
  return (
    <span className="small verdict" role="status" data-testid="own-verdict" data-severity={wrong ? "error" : undefined}>
      {wrong > 0 && <span className="sev"><Icon name="error" size={14} /></span>}
      {wrong ? `${wrong} ${wrong === 1 ? "error" : "errors"}` : judged ? "No errors" : "…"}
    </span>
  );
}

function Texts({ kind, body, faults, onSet }: { kind: Kind; body: Body; faults(field: string): Fault[]; onSet(field: string, value: string): void }) {
  const [more, setMore] = useState(false);
  const all = CODE[kind]!;
  const shown = all.filter((code) => code.always || more || textOf(body[code.field]) !== "" || faults(code.field).length > 0);
  const main = shown.length ? shown : all.slice(0, 1);
  return (
    <section aria-label="Texts">
      {main.map((code) => <CodeField key={code.field} name={code.field} title={code.title} hint={code.hint} text={textOf(body[code.field])} faults={faults(code.field)} onChange={(text) => onSet(code.field, text)} />)}
      {main.length < all.length && <button type="button" className="more" onClick={() => setMore(true)}><Icon name="right" size={12} />{all.filter((code) => !main.includes(code)).map((code) => code.title.toLowerCase()).join(", ")}</button>}
    </section>
  );
}

function Words({ kind, body, faults, onSet }: { kind: Kind; body: Body; faults(field: string): Fault[]; onSet(field: string, value: string): void }) {
  const params = Object.keys(rowsOf(body, "params"));
  const words = WORDS[kind] ?? [];
  if (!words.length) return null;
  return (
    <section className="own-words" aria-label="Settings">
      {words.map(({ field, title, words: choices, param, standard }) => (
        <label key={field}>
          <span>{title}</span>
          <span className="field word">
            <select data-testid={`own-${field}`} value={textOf(body[field]) || standard} onChange={(event) => onSet(field, event.target.value === standard && !param ? "" : event.target.value)}>
              {(param ? ["", ...params] : choices!).map((word) => <option key={word} value={word}>{word || "none"}</option>)}
            </select>
          </span>
          {faults(field).map((fault, k) => <small key={k} className="bad">{fault.text}</small>)}
        </label>
      ))}
    </section>
  );
}

function Line({ title, value, testid, mono, faults = [], onChange }: { title: string; value: string; testid: string; mono?: boolean; faults?: Fault[]; onChange(value: string): void }) {
  return (
    <label className="own-line">
      <span>{title}</span>
      <span className="field" data-bad={faults.length > 0}><input className={mono ? "mono" : ""} data-testid={testid} spellCheck={!mono} autoComplete="off" value={value} onChange={(event) => onChange(event.target.value)} /></span>
      {faults.map((fault, k) => <small key={k} className="bad">{fault.text} {fault.fix}</small>)}
    </label>
  );
}

/** Whether some field of the form shows a finding. */
function placed(finding: Finding, key: string, kind: Kind): boolean {
  const fields = [...TABLES[kind]!.flatMap((table) => table.field), ...CODE[kind]!.map((code) => code.field), ...(WORDS[kind] ?? []).map((word) => word.field), "key"];
  const tail = finding.where.slice(`models.${key}.`.length);
  return finding.where.startsWith(`models.${key}.`) && fields.some((field) => tail === field || (TABLES[kind]!.some((table) => table.field === field) && tail.startsWith(`${field}.`)));
}

/** What Python says about the model, a moment after the last key. `judged`: it speaks of what is written now. */
function useJudged(key: string, body: Body, fresh: boolean): { findings: Finding[]; entry: Entry | null; judged: boolean } {
  const { session } = useStudio();
  const live = useSession((state) => state.connection === "live");
  const [said, setSaid] = useState<{ of: string; findings: Finding[]; entry: Entry | null }>({ of: "", findings: [], entry: null });
  const name = JSON.stringify([key, body]);
  const newest = useRef(name);
  newest.current = name;
  useEffect(() => {
    const rest = setTimeout(() => {
      void session.ask("judge_model", { key, body, fresh }).then((answer) => {
        if (newest.current === name) setSaid((before) => ({ of: name, findings: answer?.findings ?? [], entry: answer ? answer.entry : before.entry }));
      });
    }, REST_MS);
    return () => clearTimeout(rest);
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [name, session, fresh]);
  return { findings: said.findings, entry: said.entry, judged: !live || said.of === name };
}

/** Takes a model out of the document. */
export const removalOf = (key: string) => unsetAt(["models", key], `Remove the model ${key}`);
