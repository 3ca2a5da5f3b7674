import type { Me } from "@laurel/contract";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { look } from "../../api/client.ts";
import { ApiError } from "../../api/problem.ts";
import { fieldMessage } from "../../format/words.ts";
import { Button } from "../../ui/button.tsx";
import { Field } from "../../ui/field.tsx";
import { Card, Page } from "../../ui/page.tsx";
import { Failure } from "../../ui/states.tsx";
import { announce } from "../../ui/toast.tsx";
import { rememberPath, safePath, takePath } from "../session/return-path.ts";
import { landingOf, meQuery } from "../session/session.ts";
import { useLinkToken } from "../session/use-link-token.ts";

/** Sign-in by mail: a link with one button, or an address and then a code. */
export function SignIn() {
  const token = useLinkToken();
  const [dropped, setDropped] = useState<string>();
  const [sentTo, setSentTo] = useState<string>();
  if (token && token !== dropped) return <ByLink token={token} onOther={() => setDropped(token)} />;
  if (sentTo) return <ByCode email={sentTo} onBack={() => setSentTo(undefined)} />;
  return <ByMail onSent={setSentTo} />;
}

function useVerify(body: unknown) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const { from } = useSearch({ from: "/sign-in" });
  return useMutation({
    // Single use by nature: a second try of the same token is refused, so no key rides along.
    mutationFn: () => look<Me>("/api/auth/verify", body),
    onSuccess: async (me) => {
      // Whatever an earlier person saw on this computer is not for the next one.
      client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== "program" || queryKey[1] !== "public" });
      client.setQueryData(meQuery.queryKey, me);
      const kept = takePath();
      announce(`Signed in as ${me.name}.`);
      await navigate({ href: safePath(from) ?? kept ?? landingOf(me), replace: true });
    },
  });
}

function Frame({ title, lead, children }: { title: string; lead?: ReactNode; children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null);
  const first = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each step is a page of its own to a reader
  useEffect(() => {
    if (!first.current) box.current?.querySelector("h1")?.focus();
    first.current = false;
  }, [title]);
  return (
    <div ref={box} className="mx-auto max-w-xl lg:pt-8">
      <Page title={title} width="text" lead={lead}>
        {children}
      </Page>
    </div>
  );
}

function ByLink({ token, onOther }: { token: string; onOther: () => void }) {
  const verify = useVerify({ token });
  return (
    <Frame title="Welcome back" lead="One press and you are in.">
      <Card>
        <div className="flex flex-col gap-4">
          {verify.isError && <Failure error={verify.error} />}
          {verify.isError && !(verify.error instanceof ApiError && verify.error.isTransient) ? (
            <Button onClick={onOther}>Ask for a new link</Button>
          ) : (
            <Button busy={verify.isPending} onClick={() => verify.mutate()} className="text-base">
              Sign in
            </Button>
          )}
          <p className="text-sm text-soft">The link works once, for 15 minutes after it was sent.</p>
        </div>
      </Card>
    </Frame>
  );
}

function ByMail({ onSent }: { onSent: (email: string) => void }) {
  const { from } = useSearch({ from: "/sign-in" });
  const [email, setEmail] = useState("");
  const [missing, setMissing] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const start = useMutation({
    mutationFn: () => look("/api/auth/start", { email: email.trim() }),
    onSuccess: () => {
      rememberPath(from);
      onSent(email.trim());
    },
    onError: () => input.current?.focus(),
  });
  const field = start.error instanceof ApiError ? start.error.fields.find((each) => each.field === "email") : undefined;
  const error = missing ? "Please give your e-mail address." : field && fieldMessage("This", field.message);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wrong = !/^\S+@\S+\.\S+$/.test(email.trim());
    setMissing(wrong);
    if (wrong) input.current?.focus();
    else if (!start.isPending) start.mutate();
  };

  return (
    <Frame
      title="Sign in"
      lead={from ? "Sign in to go on. Your session may have ended." : "No password: we mail you a link and a code."}
    >
      <Card>
        <form noValidate onSubmit={submit} className="flex flex-col gap-5">
          <Field label="E-mail" required error={error}>
            {(parts) => (
              <input
                {...parts}
                ref={input}
                type="email"
                name="email"
                autoComplete="email"
                inputMode="email"
                value={email}
                onChange={(event) => setEmail(event.target.value)}
                className="field-box"
              />
            )}
          </Field>
          {start.isError && !field && <Failure error={start.error} />}
          <Button type="submit" busy={start.isPending} className="text-base">
            Send me a link
          </Button>
        </form>
      </Card>
    </Frame>
  );
}

function ByCode({ email, onBack }: { email: string; onBack: () => void }) {
  const [code, setCode] = useState("");
  const [short, setShort] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const verify = useVerify({ email, code });
  const { isError } = verify;
  useEffect(() => {
    if (isError) input.current?.select();
  }, [isError]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wrong = !/^\d{6}$/.test(code);
    setShort(wrong);
    if (wrong) input.current?.focus();
    else if (!verify.isPending) verify.mutate();
  };

  return (
    <Frame
      title="Check your mail"
      lead={
        <>
          If <strong className="text-ink">{email}</strong> belongs to this program, a mail is on its way. Press the link
          in it, or type its code here.
        </>
      }
    >
      <Card>
        <form noValidate onSubmit={submit} className="flex flex-col gap-5">
          <Field label="6-digit code" required error={short ? "The code has 6 digits." : undefined}>
            {(parts) => (
              <input
                {...parts}
                ref={input}
                name="code"
                inputMode="numeric"
                autoComplete="one-time-code"
                // Pasted codes come with spaces and dashes.
                value={code}
                onChange={(event) => setCode(event.target.value.replaceAll(/\D/g, "").slice(0, 6))}
                className="field-box py-3 text-center font-mono text-2xl tracking-[0.4em]"
              />
            )}
          </Field>
          {verify.isError && <Failure error={verify.error} />}
          <Button type="submit" busy={verify.isPending} className="text-base">
            Sign in
          </Button>
          <Button look="quiet" onClick={onBack}>
            Use another address, or ask again
          </Button>
        </form>
      </Card>
      <p className="mt-4 text-sm text-soft">
        Nothing there after a few minutes? Look among the spam. If mails to you came back before, none are sent any
        more: ask the team to begin again.
      </p>
    </Frame>
  );
}
