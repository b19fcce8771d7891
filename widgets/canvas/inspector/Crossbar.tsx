import type { Values } from "../../core/document";
import { setAt, unsetAt, type Keys } from "../model/pointer";
import { useSession, useStudio } from "../studio";
import { About } from "./About";
import { Params } from "./Params";
import { Row } from "./Row";
import { RowFindings } from "./RowFindings";
import { Section } from "./Section";

/** The crossbar that a projection's weights lie on; each effect is off until it is given. */
export function Crossbar({ at, values, where }: { at: Keys; values: Values | null; where: string }) {
  const { session } = useStudio();
  const entry = useSession((state) => state.catalogue.crossbar);
  if (!entry) return null;
  const on = values !== null;
  const given = Object.keys(values ?? {}).length;
  return (
    <Section title="Crossbar" side={<span className="quiet small">{on ? `${given} ${given === 1 ? "effect" : "effects"}` : "none"}</span>} folded={!on}>
      <Row label="Weights on a crossbar" title={entry.doc}>
        <button type="button" role="switch" className="switch" aria-checked={on} aria-label="Weights on a crossbar" data-testid="crossbar" onClick={() => void session.dispatch(on ? unsetAt(at, "Take the crossbar away") : setAt(at, {}, "Put the weights on a crossbar"))}>
          <i />
        </button>
      </Row>
      <RowFindings where={where} />
      <About entry={entry} plain />
      {on && <Params entry={entry} values={values} at={[at]} where={where} empty="off" />}
    </Section>
  );
}
