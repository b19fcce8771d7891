// Line icons on a 16 px grid, one path each.

const PATHS = {
  undo: "M6 3 3 6l3 3M3.5 6H10a3.5 3.5 0 0 1 0 7H6",
  redo: "m10 3 3 3-3 3M12.5 6H6a3.5 3.5 0 0 0 0 7h4",
  play: "M5 3.2v9.6L12.6 8Z",
  stop: "M4.5 4.5h7v7h-7Z",
  search: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10Zm3.6-1.4L14 14",
  sun: "M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6ZM8 1.5v1.4M8 13.1v1.4M1.5 8h1.4M13.1 8h1.4M3.4 3.4l1 1M11.6 11.6l1 1M12.6 3.4l-1 1M4.4 11.6l-1 1",
  moon: "M13 9.6A5.4 5.4 0 0 1 6.4 3a5.4 5.4 0 1 0 6.6 6.6Z",
  auto: "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11ZM8 2.5v11M10 4v8M12 5.5v5",
  plus: "M8 3v10M3 8h10",
  minus: "M3 8h10",
  close: "m4 4 8 8M12 4l-8 8",
  chevron: "m4.5 6.5 3.5 3.5 3.5-3.5",
  right: "m6.5 4.5 3.5 3.5-3.5 3.5",
  fit: "M3 6V3h3M10 3h3v3M13 10v3h-3M6 13H3v-3",
  layout: "M2.5 6.5h4v3h-4zM9.5 2.5h4v3h-4zM9.5 10.5h4v3h-4zM6.5 8H8V4h1.5M8 8v4h1.5",
  tree: "M3 3h4M5 3v9.5h4M5 7.5h4M9 7.5h4M9 12.5h4",
  cards: "M3 3h10v4H3zM3 9h10v4H3z",
  inspector: "M2.5 3h11v10h-11zM9.5 3v10",
  reset: "M3.5 8a4.5 4.5 0 1 0 1.4-3.2L3.5 6M3.5 3v3h3",
  spread: "M2 12.5c2.6 0 3.2-8.5 6-8.5s3.4 8.5 6 8.5",
  error: "M8 2 14.5 13.5h-13ZM8 6.3v3.4M8 11.5v.1",
  warning: "M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2ZM8 5v4M8 10.9v.1",
  info: "M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2ZM8 7.4V11M8 5v.1",
  enter: "M9.5 3H13v10H9.5M3 8h7M7.5 5.5 10 8l-2.5 2.5",
  trash: "M3 4.5h10M6.5 4.5v-2h3v2M4.5 4.5l.6 9h5.8l.6-9",
  help: "M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2ZM6.3 6.4a1.7 1.7 0 1 1 2.5 1.5c-.5.3-.8.6-.8 1.2M8 11.2v.1",
  check: "m3.5 8.5 3 3 6-7",
  more: "M3.5 8v.1M8 8v.1M12.5 8v.1",
  link: "M3 8h8M8.5 5.5 11 8l-2.5 2.5M13.5 4.5v7",
  tilde: "M3 9.2c1.6-2.4 3.3-2.4 5 0s3.4 2.4 5 0",
  over: "m4.2 4.2 7.6 7.6M11.8 4.2l-7.6 7.6",
  chip: "M4.5 4.5h7v7h-7zM6.5 2v2.5M9.5 2v2.5M6.5 11.5V14M9.5 11.5V14M2 6.5h2.5M2 9.5h2.5M11.5 6.5H14M11.5 9.5H14",
  download: "M8 2.5v7M5 7l3 3 3-3M3 13h10",
  group: "M2.5 5.5v-3h3M10.5 2.5h3v3M13.5 10.5v3h-3M5.5 13.5h-3v-3M6 6h4v4H6z",
};

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  const filled = name === "play" || name === "stop";
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" fill={filled ? "currentColor" : "none"} stroke="currentColor" strokeWidth={name === "more" ? 2 : 1.4} strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
