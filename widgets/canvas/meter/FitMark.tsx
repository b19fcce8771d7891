import { useStudio } from "../studio";
import { leadsTo, sentence } from "./marks";
import { useMarks } from "./useMarks";

const SIGN = { fits: "m-2.4 .2 1.7 1.8 3-3.6", lossy: "M-3 .5c1-1.5 2-1.5 3 0s2 1.5 3 0", over: "M-2.3-2.3l4.6 4.6M2.3-2.3l-4.6 4.6" };

/** Beside a line's label: a small chip that says whether the projection fits the chosen machines, the worst of them. */
export function FitMark({ id, x, y }: { id: string; x: number; y: number }) {
  const { actions } = useStudio();
  const { marks, stale } = useMarks(id);
  const worst = marks.find((mark) => mark.state === "over") ?? marks.find((mark) => mark.state === "lossy") ?? marks[0];
  if (!worst) return null;
  const go = (): void => {
    const first = worst.findings[0];
    actions.goTo(first ? leadsTo(first) : id);
  };
  return (
    <g className="fit-mark" data-state={worst.state} data-stale={stale} data-testid={`fit-${worst.target}-${id}`} transform={`translate(${x} ${y})`} onClick={(event) => (event.stopPropagation(), go())}>
      <title>{marks.map(sentence).join("\n")}</title>
      <rect x={-5.5} y={-5.5} width={11} height={11} rx={2.5} />
      <path d={SIGN[worst.state]} />
    </g>
  );
}
