import type { Kind } from "../../core/catalogue";
import type { Values } from "../../core/document";
import { Icon } from "../glyphs/Icon";
import { useStudio, useView } from "../studio";
import { Preview } from "./Preview";

interface ResponseProps {
  kind: Kind;
  model: string;
  values: Values;
}

/** How the model responds, as a section of the inspector; whether it is open is remembered for each kind. */
export function ResponseSection({ kind, model, values }: ResponseProps) {
  const [open, flip] = useOpen(kind);
  return (
    <section className="section" aria-label="Response">
      <div className="section-head">
        <button type="button" aria-expanded={open} data-testid={`responses-${kind}`} onClick={flip}>
          <Icon name={open ? "chevron" : "right"} size={12} />
          Response
        </button>
        <span className="quiet small">with these parameters</span>
      </div>
      {open && <div className="section-body"><Preview kind={kind} model={model} values={values} /></div>}
    </section>
  );
}

/** The same as a line that unfolds inside a section. */
export function ResponseFold({ kind, model, values }: ResponseProps) {
  const [open, flip] = useOpen(kind);
  return (
    <>
      <button type="button" className="more" aria-expanded={open} data-testid={`responses-${kind}`} onClick={flip}>
        <Icon name={open ? "chevron" : "right"} size={12} />
        Response with these parameters
      </button>
      {open && <Preview kind={kind} model={model} values={values} />}
    </>
  );
}

function useOpen(kind: Kind): [boolean, () => void] {
  const { view } = useStudio();
  const open = useView((state) => state.responses[kind] ?? false);
  return [open, () => view.set({ responses: { ...view.get().responses, [kind]: !open } })];
}
