import type { Entry } from "../../core/catalogue";
import { showUnit } from "../../core/units";
import { Symbol } from "../glyphs/Symbol";
import { Formula } from "./Formula";
import { Sourced } from "./Sourced";

const METHODS: Record<string, string> = { exact: "exactly, by a propagator (Runge-Kutta where its synapses are not linear)", rk4: "by Runge-Kutta of order 4", adaptive: "by adaptive Runge-Kutta", step: "step by step, as written" };

/** What a model is: equations, states, how it is computed, where it comes from, what it leaves out, where it can go. */
export function ModelFacts({ entry }: { entry: Entry }) {
  return (
    <div className="facts" data-testid="facts">
      {(entry.latex?.length ?? 0) > 0 && <div className="formulas">{entry.latex!.map((line, k) => <Formula key={k} latex={line} />)}</div>}
      {entry.method && <Fact title="Computed">{METHODS[entry.method] ?? entry.method}.</Fact>}
      {entry.weight_unit && <Fact title="Weights">in {showUnit(entry.weight_unit)}; {entry.sign === "nonnegative" ? "never negative" : "negative ones inhibit"}.</Fact>}
      {(entry.states?.length ?? 0) > 0 && (
        <Fact title="States">
          {entry.states!.map((state) => (
            <span key={state.name} className="state-line">
              <Symbol name={state.name} />{state.unit && <span className="quiet"> {showUnit(state.unit)}</span>} {state.doc}
            </span>
          ))}
        </Fact>
      )}
      {entry.source && <Fact title="Source"><Sourced text={entry.source} /></Fact>}
      {entry.limits && <Fact title="Left out">{entry.limits}</Fact>}
      <Fact title="Goes to">
        The document and Python code{entry.exports?.length ? "; " : "."}
        {entry.exports?.map((way, k) => <span key={way.title}>{k > 0 && "; "}{way.title}{way.loss ? ` (${way.loss.replace(/\.$/, "").replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase())})` : ""}{k === entry.exports!.length - 1 && "."}</span>)}
      </Fact>
    </div>
  );
}

function Fact({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <div className="fact">
      <h5>{title}</h5>
      <div>{children}</div>
    </div>
  );
}
