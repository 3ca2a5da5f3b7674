import type { Locator, Page } from "playwright-core";

/** A person who has a keyboard and nothing else. Every stop on the way must be seen to have the focus. */
export interface Keyboard {
  /** Goes to a control by Tab, or by Shift and Tab where it lies behind. @throws when it cannot be reached */
  to(control: Locator): Promise<void>;
  /** Goes to a control and presses Enter. */
  enter(control: Locator): Promise<void>;
  /** Goes to a box, replaces what it holds. */
  fill(box: Locator, text: string): Promise<void>;
  /** Goes to a select and types the beginning of an option until it is the chosen one. */
  choose(select: Locator, option: string): Promise<void>;
  press(key: string): Promise<void>;
  type(text: string): Promise<void>;
  /** How many stops were looked at. */
  stops(): number;
}

/** More stops than any page has: not reached by then means not reachable. */
const mostStops = 250;

/** @param fault is told of stops that nobody can see, and of anything done by a mouse after all */
export async function keyboardOf(page: Page, fault: (text: string) => void): Promise<Keyboard> {
  const told = new Set<string>();
  let stops = 0;
  await page.addInitScript(() => {
    for (const type of ["pointerdown", "mousedown", "touchstart"])
      document.addEventListener(type, () => console.error("Something was pressed without the keyboard"), true);
  });

  const look = async () => {
    stops++;
    const problem = await page.evaluate(unseenFocus);
    if (!problem || told.has(problem)) return;
    told.add(problem);
    fault(`${page.url()}: ${problem}`);
  };
  const press = (key: string) => page.keyboard.press(key);
  const to = async (control: Locator) => {
    await control.waitFor();
    const place = () =>
      control.evaluate((element) => {
        const active = document.activeElement ?? document.body;
        if (active === element) return "here" as const;
        const isBehind = active.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_PRECEDING;
        return active !== document.body && isBehind ? ("behind" as const) : ("ahead" as const);
      });
    for (let at = 0; at < mostStops; at++) {
      const where = await place();
      if (where === "here") return;
      await press(where === "behind" ? "Shift+Tab" : "Tab");
      await look();
    }
    throw new Error(`The keyboard does not reach ${control}`);
  };

  return {
    to,
    press,
    type: (text) => page.keyboard.type(text),
    stops: () => stops,
    enter: async (control) => {
      await to(control);
      await press("Enter");
    },
    fill: async (box, text) => {
      await to(box);
      await press("ControlOrMeta+a");
      await page.keyboard.type(text);
    },
    choose: async (select, option) => {
      await to(select);
      await page.keyboard.type(option);
      const chosen = await select.evaluate((box: HTMLSelectElement) => box.selectedOptions[0]?.label ?? "");
      if (!chosen.startsWith(option)) throw new Error(`Typing ${option} chose ${chosen}`);
    },
  };
}

/** Runs in the page. @returns why nobody can see where the focus is; undefined where one can, or where nothing has it */
function unseenFocus(): string | undefined {
  const element = document.activeElement;
  if (!(element instanceof HTMLElement) || element === document.body) return undefined;
  const name = `<${element.tagName.toLowerCase()}> ${(element.getAttribute("aria-label") ?? element.getAttribute("name") ?? element.innerText).trim().slice(0, 60)}`;

  const isMarked = (each: Element | null | undefined) => {
    if (!each) return false;
    const { outlineStyle, outlineWidth, outlineColor, boxShadow } = getComputedStyle(each);
    const outlined =
      outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 2 && !/, 0\)|transparent/.test(outlineColor);
    return outlined || (boxShadow !== "none" && !boxShadow.includes("inset"));
  };
  // A control that is drawn by its label wears the mark there.
  const drawn = element.getBoundingClientRect();
  const isHidden = drawn.width <= 2 || drawn.height <= 2 || getComputedStyle(element).opacity === "0";
  const standIn = isHidden ? (element.nextElementSibling ?? element.closest("label")) : null;
  if (!isMarked(element) && !isMarked(standIn)) return `${name} has the focus and does not show it`;

  const box = (standIn ?? element).getBoundingClientRect();
  const left = Math.max(box.left, 0);
  const right = Math.min(box.right, innerWidth);
  const top = Math.max(box.top, 0);
  const bottom = Math.min(box.bottom, innerHeight);
  if (right - left < 1 || bottom - top < 1) return `${name} has the focus outside of the window`;
  const points = [0.5, 0.15, 0.85].flatMap((x) =>
    [0.5, 0.15, 0.85].map((y) => [left + (right - left) * x, top + (bottom - top) * y] as const),
  );
  const isSeen = points.some(([x, y]) => {
    const hit = document.elementFromPoint(x, y);
    return hit !== null && (element.contains(hit) || hit.contains(element) || standIn?.contains(hit));
  });
  return isSeen ? undefined : `${name} has the focus behind something else`;
}
