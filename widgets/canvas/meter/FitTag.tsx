import { Icon, type IconName } from "../glyphs/Icon";
import { useMeter, useStudio } from "../studio";
import { leadsTo, part, sentence, shortReason, type FitState, type Mark } from "./marks";
import { useMarks } from "./useMarks";

/** The second cue beside the colour. */
export const STATE_ICON: Record<FitState, IconName> = { fits: "check", lossy: "tilde", over: "over" };

const FEW = 2; // machines that each have a line even where it fits

/** Under a box: for each chosen machine whether it fits, what binds and how full that is. A press goes to what has to change. */
export function FitTag({ node }: { node: string }) {
  const { marks, stale } = useMarks(node);
  const chosen = useMeter((state) => state.chosen.length);
  if (!marks.length) return null;
  const fits = marks.filter((mark) => mark.state === "fits");
  const folded = chosen > FEW && fits.length > 1;
  return (
    <span className="fit-tags">
      {marks.filter((mark) => !folded || mark.state !== "fits").map((mark) => <One key={mark.target} mark={mark} node={node} stale={stale} named={chosen > 1} />)}
      {folded && <Folded marks={fits} of={marks.length} stale={stale} />}
    </span>
  );
}

/** The machines that it fits in one line, where there are many. */
function Folded({ marks, of, stale }: { marks: readonly Mark[]; of: number; stale: boolean }) {
  return (
    <span className="fit-tag" data-state="fits" data-stale={stale} title={marks.map(sentence).join("\n")}>
      <Icon name={STATE_ICON.fits} size={11} />
      <span>{marks.length === of ? `fits all ${of}` : `fits ${marks.length} others`}</span>
    </span>
  );
}

function One({ mark, node, stale, named }: { mark: Mark; node: string; stale: boolean; named: boolean }) {
  const { actions, view } = useStudio();
  const reason = shortReason(mark);
  const go = (): void => {
    const first = mark.findings[0];
    if (first) return actions.goTo(leadsTo(first));
    view.select({ nodes: [node] });
    view.set({ inspector: true });
  };
  return (
    <button type="button" className="fit-tag nodrag nopan" data-state={mark.state} data-stale={stale} data-testid={`fit-${mark.target}-${node}`} tabIndex={mark.state === "over" ? 0 : -1} title={`${sentence(mark)}${stale ? "\nOf the network before the latest change." : ""}`} aria-label={sentence(mark)} onClick={(event) => (event.stopPropagation(), go())}>
      <Icon name={STATE_ICON[mark.state]} size={11} />
      {mark.binding && !named && <Bar share={part(mark.binding)} />}
      {named && <span className="cut">{mark.title}</span>}
      {reason && <span>{named ? `· ${reason}` : reason}</span>}
    </button>
  );
}

/** How full, as a bar; what is over runs past the line that marks full. */
export function Bar({ share, wide = false }: { share: number; wide?: boolean }) {
  const over = share > 1;
  const full = over ? 100 / Math.min(share, 4) : 100;
  return (
    <i className="fit-bar" data-over={over} data-wide={wide} aria-hidden="true">
      <b style={{ width: `${over ? 100 : Math.max(share > 0 ? 3 : 0, share * 100)}%` }} />
      {over && <u style={{ left: `${full}%` }} />}
    </i>
  );
}
