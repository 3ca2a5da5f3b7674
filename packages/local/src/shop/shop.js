// What the shop can do without: totals that follow each choice, and buttons that show that they are at work.
const form = document.querySelector("[data-checkout]");
let asked = 0;

async function refresh() {
  const mine = ++asked;
  try {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!answer.ok || mine !== asked) return;
    for (const old of document.querySelectorAll("[data-live]")) {
      const made = fresh.getElementById(old.id);
      if (!made || made.outerHTML === old.outerHTML) continue;
      const hadFocus = old.contains(document.activeElement);
      old.replaceChildren(...made.childNodes);
      old.className = made.className;
      // Whoever has gone on to the button meanwhile stays on it.
      if (hadFocus) old.querySelector("button")?.focus();
    }
  } catch {
    // The Apply button still works.
  }
}

form?.addEventListener("change", refresh);
form?.addEventListener("submit", (event) => {
  if (event.submitter?.formAction === form.action) {
    event.preventDefault();
    refresh();
  }
});

document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (event.defaultPrevented || !button?.dataset.busy) return;
  button.dataset.idle = button.textContent;
  button.textContent = button.dataset.busy;
  // Disabled only after the form has been sent with it.
  setTimeout(() => {
    button.disabled = true;
  });
});

// A page that comes back from the browser's memory must be usable again.
window.addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("[data-idle]")) {
    button.textContent = button.dataset.idle;
    button.disabled = false;
    delete button.dataset.idle;
  }
});
