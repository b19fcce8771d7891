// The studio's mark: a membrane that rises, fires and falls.

export function Mark() {
  return (
    <svg width="22" height="22" viewBox="0 0 22 22" fill="none" stroke="currentColor" strokeWidth="1.8" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      <path d="M2 15.5c3.2 0 4.6-1.2 6-3.6L10.4 3l2.4 15.5c.8-2.2 3-3 7.2-3" />
    </svg>
  );
}
