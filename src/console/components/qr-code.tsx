import { renderSVG } from "uqr";

/** To be scanned from the screen; `label` says what it is to who cannot see it. */
export function QrCode({ text, label, isLarge }: { text: string; label: string; isLarge?: boolean }) {
  const svg = renderSVG(text, { border: 2 });
  return (
    <img
      className={isLarge ? "ls-qr ls-qr-large" : "ls-qr"}
      alt={label}
      src={`data:image/svg+xml,${encodeURIComponent(svg)}`}
    />
  );
}
