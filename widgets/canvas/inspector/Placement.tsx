import type { Value } from "../../core/document";
import { Icon } from "../glyphs/Icon";
import { about, keepWith, letGo, neighbours, setDelays, setLimit, setRegion, setScope, type Constraint, type KeepKind, type LimitKind } from "../model/constraints";
import { FREE, partsOf } from "../model/values";
import { useSession, useStudio } from "../studio";
import { NumberField } from "./NumberField";
import { Row } from "./Row";
import { RowFindings } from "./RowFindings";
import { Section } from "./Section";

type Kind = "population" | "source" | "instance" | "projection";

interface Part {
  path: string;
  own: { one: Constraint; k: number }[];
}

const LIMIT = { ...FREE, low: 1, integer: true };
const COUNT = { ...FREE, low: 0, integer: true };
const DELAY = { ...FREE, low: 0, low_open: true, unit: "ms" };

/** What a compiler has to keep to: limits on fans, where it lies, whom it lies with, which delays there are. */
export function Placement({ path, kind }: { path: string; kind: Kind }) {
  const document = useSession((state) => state.document);
  const own = about(document, path);
  return (
    <Section title="Placement" folded={own.length === 0} side={<span className="quiet small" title="Constraints that a compiler keeps to">{own.length ? `${own.length} set` : "for compilers"}</span>}>
      {path.includes(":") ? (
        <p className="quiet small">Constraints name things from the main circuit down: enter this circuit where it stands.</p>
      ) : (
        <>
          {kind !== "source" && kind !== "instance" && <Limit part={{ path, own }} kind="fan_in" label="Fan-in limit" title="The most synapses onto one neuron" />}
          {kind !== "instance" && <Limit part={{ path, own }} kind="fan_out" label="Fan-out limit" title="The most synapses of one neuron or source element" />}
          {kind !== "projection" && <Region path={path} own={own} />}
          {kind !== "projection" && <Keep part={{ path, own }} kind="keep_together" label="Keep together with" />}
          {kind !== "projection" && <Keep part={{ path, own }} kind="keep_apart" label="Keep apart from" />}
          {kind === "projection" && <Delays path={path} own={own} />}
        </>
      )}
    </Section>
  );
}

const FIELDS = ["", ".kind", ".path", ".paths", ".limit", ".chip", ".cores", ".scope", ".delays"];

/** What is found about the constraint of a kind, under its row. */
function Said({ own, kind }: Pick<Part, "own"> & { kind: string }) {
  return own.filter(({ one }) => one.kind === kind).flatMap(({ k }) => FIELDS.map((field) => <RowFindings key={`${k}${field}`} where={`constraints.${k}${field}`} />));
}

function Limit({ part: { path, own }, kind, label, title }: { part: Part; kind: LimitKind; label: string; title: string }) {
  const { session } = useStudio();
  const document = useSession((state) => state.document);
  const found = own.find(({ one }) => one.kind === kind)?.one.limit ?? null;
  const set = (limit: number | null): void => void session.dispatch(setLimit(document, kind, path, limit));
  return (
    <>
      <Row label={label} title={title}>
        <NumberField name={label} value={found} bounds={LIMIT} placeholder="any" onCommit={set} onClear={() => set(null)} />
      </Row>
      <Said own={own} kind={kind} />
    </>
  );
}

/** A chip, and cores from the first to the last (the document says: to before the next). */
function Region({ path, own }: Part) {
  const { session } = useStudio();
  const document = useSession((state) => state.document);
  const found = own.find(({ one }) => one.kind === "region")?.one;
  const [low, high] = found?.cores ?? [null, null];
  const set = (chip: number | null, cores: readonly [number, number] | null): void => void session.dispatch(setRegion(document, path, chip, cores));
  const chip = found?.chip ?? null;
  return (
    <>
      <Row label="On chip" title="The chip its neurons lie on, from 0">
        <NumberField name="On chip" value={chip} bounds={COUNT} placeholder="any" onCommit={(next) => set(next, found?.cores ?? null)} onClear={() => set(null, found?.cores ?? null)} />
      </Row>
      <Row label="Cores" title="Only on these cores, counted on each chip from 0">
        <span className="range">
          <NumberField name="First core" value={low} bounds={COUNT} placeholder="any" onCommit={(next) => set(chip, [next, Math.max(high ?? next + 1, next + 1)])} onClear={() => set(chip, null)} />
          <span className="quiet">to</span>
          <NumberField name="Last core" value={high === null ? null : high - 1} bounds={COUNT} placeholder="any" onCommit={(last) => set(chip, [Math.min(low ?? 0, last), last + 1])} onClear={() => set(chip, null)} />
        </span>
      </Row>
      <Said own={own} kind="region" />
    </>
  );
}

const SCOPES: Record<KeepKind, [standard: string, other: string]> = { keep_together: ["chip", "core"], keep_apart: ["core", "chip"] };

function Keep({ part: { path, own }, kind, label }: { part: Part; kind: KeepKind; label: string }) {
  const { session } = useStudio();
  const document = useSession((state) => state.document);
  const catalogue = useSession((state) => state.catalogue);
  const group = own.find(({ one }) => one.kind === kind)?.one;
  const others = group?.paths?.filter((one) => one !== path) ?? [];
  const free = neighbours(document, catalogue, path, others);
  return (
    <div className="param keep" role="group" aria-label={label}>
      <div className="param-line">
        <span className="label">{label}</span>
        {group && (
          <span className="field word scope" title="How near, how far">
            <select aria-label={`${label}: scope`} value={group.scope ?? SCOPES[kind][0]} onChange={(event) => void session.dispatch(setScope(document, kind, path, event.target.value))}>
              {SCOPES[kind].map((scope) => <option key={scope} value={scope}>on {kind === "keep_together" ? "one" : "another"} {scope}</option>)}
            </select>
          </span>
        )}
      </div>
      {others.map((other) => (
        <div key={other} className="record-item">
          <span className="mono cut">{other}</span>
          <button type="button" className="btn small icon" aria-label={`No longer ${label.toLowerCase()} ${other}`} onClick={() => void session.dispatch(letGo(document, kind, path, other))}><Icon name="close" size={12} /></button>
        </div>
      ))}
      {free.length > 0 && (
        <span className="field word add">
          <select aria-label={`${label}: add`} data-testid={`add-${kind}`} value="" onChange={(event) => event.target.value && void session.dispatch(keepWith(document, kind, path, event.target.value))}>
            <option value="">Add …</option>
            {free.map((one) => <option key={one} value={one}>{one}</option>)}
          </select>
        </span>
      )}
      <Said own={own} kind={kind} />
    </div>
  );
}

/** The delays there are: every synapse takes the nearest. */
function Delays({ path, own }: Part) {
  const { session } = useStudio();
  const document = useSession((state) => state.document);
  const delays: readonly Value[] = own.find(({ one }) => one.kind === "delay_class")?.one.delays ?? [];
  const keep = (next: readonly Value[]): void => void session.dispatch(setDelays(document, path, next));
  return (
    <div className="param keep" role="group" aria-label="Delay classes">
      <div className="param-line">
        <span className="label" title="Every delay becomes the nearest of these">Delay classes</span>
        <button type="button" className="btn small" data-testid="add-delay" onClick={() => keep([...delays, { value: delays.length + 1, unit: "ms" }])}><Icon name="plus" size={12} /> Add</button>
      </div>
      {delays.map((delay, k) => {
        const parts = partsOf(delay, "ms");
        return (
          <div key={k} className="record-item">
            <NumberField name={`delay class ${k + 1}`} value={parts.numbers[0] ?? null} unit={parts.unit} bounds={DELAY} onCommit={(value, unit) => keep(delays.map((one, n) => (n === k ? { value, unit } : one)))} />
            <button type="button" className="btn small icon" aria-label={`Remove delay class ${k + 1}`} onClick={() => keep(delays.filter((_, n) => n !== k))}><Icon name="close" size={12} /></button>
          </div>
        );
      })}
      <Said own={own} kind="delay_class" />
    </div>
  );
}
