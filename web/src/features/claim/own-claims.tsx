import type { AskAboutOrder, ClaimAnswer, OwnClaim } from "@laurel/contract";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { SearchCheck } from "lucide-react";
import { type FormEvent, useState } from "react";
import { post } from "../../api/client.ts";
import { formatDay } from "../../format/time.ts";
import { Back } from "../../ui/back.tsx";
import { StateBadge } from "../../ui/badge.tsx";
import { Button, ButtonLink } from "../../ui/button.tsx";
import { Field } from "../../ui/field.tsx";
import { Card, Page } from "../../ui/page.tsx";
import { Pages } from "../../ui/pages.tsx";
import { Empty, Failure } from "../../ui/states.tsx";
import { toast } from "../../ui/toast.tsx";
import { publicProgramQuery } from "../session/session.ts";
import { claimWords, ownClaimsQuery } from "./queries.ts";

/** Where an ambassador asks about an order that they miss, and sees what became of it. */
export function OwnClaims() {
  const { data: program } = useQuery(publicProgramQuery);
  const claims = useInfiniteQuery(ownClaimsQuery());
  return (
    <Page
      title="Something missing?"
      eyebrow={<Back to="/home">Home</Back>}
      lead={`Ask about an order at ${program?.name ?? "the shop"} that should be yours. What we know, we tell you at once.`}
    >
      <Card>
        <Ask />
      </Card>
      <section aria-labelledby="claims" className="mt-10">
        <h2 id="claims" className="mb-4 font-serif text-2xl">
          Your claims
        </h2>
        <Pages
          listing={claims}
          empty={
            <Empty title="No claims yet" icon={<SearchCheck aria-hidden className="size-6" />}>
              Where we can't tell at once, you can ask somebody to look. It appears here with its answer.
            </Empty>
          }
        >
          {(rows) => (
            <ul className="grid gap-3" aria-label="Your claims">
              {rows.map((row) => (
                <li key={row.id}>
                  <One claim={row} />
                </li>
              ))}
            </ul>
          )}
        </Pages>
      </section>
    </Page>
  );
}

function Ask() {
  const client = useQueryClient();
  const [orderNumber, setNumber] = useState("");
  const [orderedOn, setDay] = useState("");
  const [text, setText] = useState("");
  const [link, setLink] = useState("");
  const [tried, setTried] = useState<"" | "ask" | "claim">("");
  const send = useMutation({
    mutationFn: (body: AskAboutOrder) => post<ClaimAnswer>("/api/me/claims", body),
    onSuccess: ({ claim }) => {
      if (!claim) return;
      void client.invalidateQueries({ queryKey: ["me", "claims"] });
      toast(`Somebody looks at it by ${formatDay(claim.dueOn)}.`);
      setText("");
      setLink("");
      setTried("");
    },
  });
  const answer = send.data;
  const told = answer && !answer.claim && answer.answer !== "yours";
  const wrongLink = link.trim() !== "" && !/^https?:\/\/\S+$/.test(link.trim());
  const complete = orderNumber.trim() !== "" && orderedOn !== "";
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setTried(told ? "claim" : "ask");
    if (!complete || send.isPending) return;
    if (!told) return send.mutate({ orderNumber, orderedOn });
    if (text.trim().length < 10 || wrongLink) return;
    send.mutate({ orderNumber, orderedOn, evidence: { text, ...(link.trim() ? { link: link.trim() } : {}) } });
  };
  const edit = (set: (text: string) => void) => (value: string) => {
    set(value);
    // Another order is another question.
    send.reset();
    setTried("");
  };
  const changeNumber = edit(setNumber);
  const changeDay = edit(setDay);
  return (
    <form onSubmit={submit} noValidate className="grid gap-4">
      <div className="grid gap-4 sm:grid-cols-2">
        <Field
          label="Order number"
          required
          hint="As the shop's mail to the buyer shows it."
          error={tried && orderNumber.trim() === "" ? "The number is missing." : undefined}
        >
          {(parts) => (
            <input
              {...parts}
              value={orderNumber}
              onChange={(event) => changeNumber(event.target.value)}
              maxLength={40}
              autoComplete="off"
              spellCheck={false}
              className="field-box font-mono"
            />
          )}
        </Field>
        <Field
          label="Day of the order"
          required
          hint="By the shop's own clock."
          error={tried && orderedOn === "" ? "The day is missing." : undefined}
        >
          {(parts) => (
            <input
              {...parts}
              type="date"
              value={orderedOn}
              onChange={(event) => changeDay(event.target.value)}
              className="field-box"
            />
          )}
        </Field>
      </div>
      <div aria-live="polite" className="grid gap-4">
        {answer && (
          <div
            className={
              answer.answer === "yours" || answer.claim
                ? "rounded-lg bg-good-wash px-4 py-3"
                : "rounded-lg bg-sunk px-4 py-3"
            }
          >
            <p>
              {answer.claim
                ? `Thank you. Somebody looks at it by ${formatDay(answer.claim.dueOn)}, and writes to you.`
                : answer.sentence}
            </p>
            {answer.orderId && (
              <ButtonLink className="mt-3" to="/home/orders/$orderId" params={{ orderId: answer.orderId }}>
                Open its receipt
              </ButtonLink>
            )}
          </div>
        )}
        {told && (
          <>
            <Field
              label="Why it should be yours"
              required
              hint="How the buyer came to the shop through you. Only the team reads it."
              error={tried === "claim" && text.trim().length < 10 ? "Tell us a little more." : undefined}
            >
              {(parts) => (
                <textarea
                  {...parts}
                  value={text}
                  onChange={(event) => setText(event.target.value)}
                  maxLength={2000}
                  rows={4}
                  className="field-box"
                />
              )}
            </Field>
            <Field
              label="A link that shows it"
              error={tried === "claim" && wrongLink ? "A web address begins with https://." : undefined}
            >
              {(parts) => (
                <input
                  {...parts}
                  type="url"
                  value={link}
                  onChange={(event) => setLink(event.target.value)}
                  maxLength={500}
                  className="field-box"
                  placeholder="https://"
                />
              )}
            </Field>
          </>
        )}
      </div>
      {send.isError && <Failure error={send.error} />}
      <div>
        <Button type="submit" busy={send.isPending}>
          {told ? "Claim this order" : "Ask"}
        </Button>
      </div>
    </form>
  );
}

function One({ claim }: { claim: OwnClaim }) {
  const client = useQueryClient();
  const withdraw = useMutation({
    mutationFn: () => post<OwnClaim>(`/api/me/claims/${encodeURIComponent(claim.id)}/withdraw`),
    onSuccess: () => toast("The claim is withdrawn."),
    onError: (error) => toast(error.message, "bad"),
    onSettled: () => client.invalidateQueries({ queryKey: ["me", "claims"] }),
  });
  return (
    <article className="rounded-xl border border-line bg-card p-5">
      <h3 className="flex flex-wrap items-center gap-3">
        <span className="font-semibold">Order {claim.orderNumber}</span>
        <StateBadge words={claimWords[claim.state]} />
      </h3>
      <p className="mt-1 text-soft text-sm">
        From {formatDay(claim.orderedOn)}
        {claim.state === "open" && `; answered by ${formatDay(claim.dueOn)}`}
      </p>
      {claim.reason && <p className="mt-2">{claim.reason}</p>}
      {claim.orderId && (
        <Link
          to="/home/orders/$orderId"
          params={{ orderId: claim.orderId }}
          className="mt-2 inline-block text-leaf underline"
        >
          See the receipt
        </Link>
      )}
      {claim.state === "open" && (
        <Button
          look="outline"
          className="mt-3"
          busy={withdraw.isPending}
          aria-label={`Withdraw the claim for order ${claim.orderNumber}`}
          onClick={() => withdraw.mutate()}
        >
          Withdraw
        </Button>
      )}
    </article>
  );
}
