import { Icon, type IconName } from "../glyphs/Icon";
import { useStudio, useView } from "../studio";
import type { Theme } from "../view";

const NEXT: Record<Theme, Theme> = { auto: "light", light: "dark", dark: "auto" };
const ICONS: Record<Theme, IconName> = { auto: "auto", light: "sun", dark: "moon" };

/** Light, dark, or as the system has it. */
export function ThemeButton() {
  const { view } = useStudio();
  const theme = useView((state) => state.theme);
  return (
    <button type="button" className="btn icon wide" aria-label={`Theme: ${theme}`} title={`Theme: ${theme}. Press for ${NEXT[theme]}.`} data-testid="theme" onClick={() => view.set({ theme: NEXT[theme] })}>
      <Icon name={ICONS[theme]} />
    </button>
  );
}
