import { toText } from "../../core/bytes";
import { slug } from "../../core/keys";
import type { Session } from "../../core/session";
import { Icon } from "../glyphs/Icon";
import { useMeter, useSession, useStudio } from "../studio";
import type { View } from "../view";
import { download, pickFile } from "./files";
import { Menu, type MenuItem } from "./Menu";

const NOT_HERE = "Not possible in this place: the file belongs to the host.";

/** Hands the network over as a file of its own. Where Python is there it writes it: only Python has the arrays. */
export function downloadNetwork(session: Session): void {
  const { document, file, can } = session.getState();
  if (can.export.some(({ key }) => key === "document")) return session.export("document");
  download(file ?? `${slug(document.name, "network")}.snn.json`, "application/json", toText(document));
}

export function FileMenu({ root }: { root: () => Node }) {
  const { session, view } = useStudio();
  const can = useSession((state) => state.can);
  const chips = useMeter((state) => state.chips) ?? [];
  const compile = chips.map((chip): MenuItem => ({ key: `compile-${chip.key}`, title: `Compile for ${chip.title} …`, act: () => view.set({ overlay: { compile: chip.key } }) }));
  return <Menu label="File" testid="file-menu" face={<>File <Icon name="chevron" size={12} /></>} groups={[...fileItems(session, view, can, root), compile]} />;
}

function fileItems(session: Session, view: View, can: ReturnType<Session["getState"]>["can"], root: () => Node): MenuItem[][] {
  const open: MenuItem[] = [
    { key: "new", title: "New network", act: () => session.create() },
    { key: "open", title: "Open …", why: can.open ? undefined : NOT_HERE, act: () => pickFile(root(), (name, content) => session.open(name, content)) },
    { key: "templates", title: "Templates", why: can.templates ? undefined : "No templates in this place.", act: () => view.set({ rail: { tab: "templates", open: true } }) },
  ];
  const keep: MenuItem[] = [
    { key: "save", title: "Save", keys: "Ctrl S", why: can.save ? undefined : "Nothing to save to here: use Download.", act: () => session.save() },
    { key: "download", title: "Download", act: () => downloadNetwork(session) },
  ];
  const out = can.export.filter(({ key }) => key !== "document").map((format): MenuItem => ({ key: `export-${format.key}`, title: `Export ${format.title}`, keys: format.suffix, act: () => session.export(format.key) }));
  return [open, keep, out];
}
