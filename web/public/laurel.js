/* Laurel: docs/shop-script.md */
((w, d) => {
  if (w.laurel?.consent) return;
  const { consent, days = 30, domain = "", links } = d.currentScript.dataset;
  const isClick = (id) => /^clk_[0-9a-z]{26}$/.test(id);
  const name = "client_reference_id";
  const reference = "client-reference-id";
  let fresh = new URLSearchParams(location.search).get("laurel_click");
  let [first, last] = [];
  w.laurel = {
    click: () => last || undefined,
    consent(yes) {
      const before = (/\blaurel=([^;]*)/.exec(d.cookie)?.[1] || "").split(".").filter(isClick);
      let clicks = yes ? before : [];
      fresh = yes && fresh;
      let changed = !yes && before[0];
      if (isClick(fresh) && clicks.at(-1) !== fresh) {
        clicks = [...clicks.slice(0, 1), fresh];
        changed = 1;
      }
      if (changed)
        d.cookie = `laurel=${clicks.join(".")};path=/;secure;samesite=lax;domain=${domain};max-age=${yes ? days * 86400 : 0}`;
      [first = "", last = first] = clicks;
      for (const button of d.querySelectorAll("[publishable-key]"))
        if (isClick(button.getAttribute(reference) || last))
          last ? button.setAttribute(reference, last) : button.removeAttribute(reference);
      if (w.Shopify && (changed || (last && /\/cart$/.test(location.pathname))))
        fetch(`${w.Shopify.routes?.root || "/"}cart/update.js`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ attributes: { laurel_click: last, laurel_first_click: first } }),
        }).catch(() => {});
    },
  };
  const hand = ({ target }) => {
    const a = target.closest("a[href]");
    if (!/^(buy|book|donate)\.stripe\.com$/.test(a?.hostname) && !(links && a?.hostname === links)) return;
    const to = new URL(a.href);
    const own = to.searchParams;
    if (isClick(own.get(name) || last)) last ? own.set(name, last) : own.delete(name);
    a.href = to;
  };
  d.addEventListener("click", hand);
  d.addEventListener("auxclick", hand);
  if (consent === undefined) w.laurel.consent(true);
})(window, document);
