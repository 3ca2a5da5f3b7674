import { useEffect, useRef, useState } from "react";

const key = "laurel.shortcuts";

/** Single-letter keys can be switched off, since speech input presses them by accident. */
export function useShortcutSwitch(): [on: boolean, toggle: () => void] {
  const [on, setOn] = useState(() => {
    try {
      return localStorage.getItem(key) !== "off";
    } catch {
      return true;
    }
  });
  const toggle = () => {
    setOn(!on);
    try {
      localStorage.setItem(key, on ? "off" : "on");
    } catch {
      // Then it lasts until the page is left.
    }
  };
  return [on, toggle];
}

/** Whether a key press belongs to what is focused rather than to the screen. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.isContentEditable ||
    ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName) ||
    target.closest("[role=dialog],[role=alertdialog]") !== null
  );
}

/** Calls the action of a key while the screen is shown, no dialog is open and nobody is typing. */
export function useShortcuts(on: boolean, actions: Record<string, () => void>): void {
  const latest = useRef(actions);
  latest.current = actions;
  useEffect(() => {
    if (!on) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector("[role=dialog],[role=alertdialog]")) return;
      const action = latest.current[event.key];
      if (!action) return;
      event.preventDefault();
      action();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [on]);
}
