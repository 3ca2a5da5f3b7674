import QRCode from "qrcode";

/** A QR code as one path of unit squares, with the quiet zone of four that scanners need. */
export function qrPath(text: string): { path: string; size: number } {
  const { modules } = QRCode.create(text, { errorCorrectionLevel: "M" });
  const quiet = 4;
  let path = "";
  for (let y = 0; y < modules.size; y++)
    for (let x = 0; x < modules.size; x++) if (modules.get(x, y)) path += `M${x + quiet} ${y + quiet}h1v1h-1z`;
  return { path, size: modules.size + 2 * quiet };
}

/** Large enough for print. */
export const qrPng = (text: string): Promise<string> =>
  QRCode.toDataURL(text, { errorCorrectionLevel: "M", margin: 4, width: 1024 });

export function qrSvg(text: string): string {
  const { path, size } = qrPath(text);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${size}v${size}H0z"/><path d="${path}"/></svg>`;
}

/** Hands a file to the browser's downloads. */
export function download(name: string, href: string): void {
  const link = document.createElement("a");
  link.href = href;
  link.download = name;
  link.click();
}
