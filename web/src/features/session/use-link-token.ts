import { useNavigate, useRouterState } from "@tanstack/react-router";
import { useEffect, useState } from "react";

/** The secret in the fragment of a mailed link: `#token=…`. Fragments never reach a server or its logs. */
export const tokenIn = (hash: string): string | undefined =>
  new URLSearchParams(hash.replace(/^#/, "")).get("token") || undefined;

/** Takes the token of the link and, unless it is to stay, removes it from the address bar and the history. */
export function useLinkToken({ keep = false }: { keep?: boolean } = {}): string | undefined {
  const hash = useRouterState({ select: (state) => state.location.hash });
  const navigate = useNavigate();
  const [token, setToken] = useState(() => tokenIn(hash));

  useEffect(() => {
    const found = tokenIn(hash);
    if (!found) return;
    setToken(found);
    if (!keep) navigate({ to: ".", search: true, hash: "", replace: true, resetScroll: false });
  }, [hash, keep, navigate]);

  return token;
}
