import { html, raw } from "hono/html";

/** Flat drawings in the page's own colours; each is decoration beside a name that says it all. */
const drawings: Record<string, string> = {
  shoes:
    '<path class="a" d="M20 74c0-16 2-30 8-38l12 6 8-6 12 18c10 10 28 10 40 14 8 3 10 8 10 14z"/><path class="b" d="M20 80h90v4c0 4-3 6-7 6H27c-5 0-7-3-7-6z"/><path class="l" d="M46 44l10-5M52 52l9-6M58 60l9-6"/>',
  shell:
    '<path class="b" d="M47 30c0-14 8-20 18-20s18 6 18 20l-6 8H53z"/><path class="a" d="M48 28c4 8 10 12 17 12s13-4 17-12c12 3 18 8 21 18l9 34-12 4-10-22v40H40V62L30 84l-12-4 9-34c3-10 9-15 21-18z"/><path class="l" d="M65 42v56M50 76h8M72 76h8"/>',
  socks:
    '<path class="a" d="M38 22h24v38L44 82c-6 8-16 10-22 4s-4-14 2-20l14-14z"/><path class="b" d="M72 22h24v40L80 84c-6 8-16 12-23 6s-4-15 3-21l12-13z"/><path class="l" d="M38 32h24M72 32h24"/>',
  bottle:
    '<path class="b" d="M56 16h18v12H56z"/><path class="a" d="M52 30h26c8 6 10 10 10 18v40c0 6-4 8-8 8H50c-4 0-8-2-8-8V48c0-8 2-12 10-18z"/><path class="l" d="M50 56h12M50 66h8M50 76h12"/>',
};

export const drawing = (sku: string) =>
  html`<svg class="art" viewBox="0 0 130 112" aria-hidden="true" focusable="false">${raw(drawings[sku] ?? "")}</svg>`;

export const mark = html`<svg class="mark" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="M5 8h14l1.200 12H3.800zM8.500 10V6.500a3.500 3.500 0 0 1 7 0V10" /></svg>`;
