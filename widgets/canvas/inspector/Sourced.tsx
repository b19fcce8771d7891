const DOI = /doi:\s?(10\.\d{4,9}\/[^\s;,]*[^\s;:,.)])/g;

/** Where numbers come from, every DOI a link. */
export function Sourced({ text }: { text: string }) {
  const parts = text.split(DOI);
  return (
    <>
      {parts.map((part, k) => (k % 2 ? <a key={k} href={`https://doi.org/${part}`} target="_blank" rel="noreferrer noopener">doi:{part}</a> : part))}
    </>
  );
}
