import { useSession, useStudio } from "../studio";

/** Ready networks to start from. Opening one is a step like any other: undo brings the old network back. */
export function Templates() {
  const { session, view } = useStudio();
  const templates = useSession((state) => state.templates);
  const can = useSession((state) => state.can.templates);
  const local = useSession((state) => state.connection === "local");
  const open = (name: string): void => {
    session.openTemplate(name);
    const { rail, width } = view.get();
    if (width !== "wide") view.set({ rail: { ...rail, open: false } }); // it lies over the canvas
  };
  if (!can || templates.length === 0) return <p className="rail-tip quiet small">{local ? "Templates come with Python: open the studio app or a notebook." : "There are no templates here."}</p>;
  return (
    <>
      {templates.map((template) => (
        <button key={template.name} type="button" className="template" data-testid={`template-${template.name}`} title={template.description} onClick={() => open(template.name)}>
          <b>{template.title || template.name}</b>
          <span>{template.description}</span>
        </button>
      ))}
    </>
  );
}
