import type { Connection, Job } from "@laurel/contract";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { KeyRound, ListChecks, RefreshCw } from "lucide-react";
import { type ReactNode, useState } from "react";
import { post } from "../../api/client.ts";
import { connectionWords, plural, providerWords } from "../../format/words.ts";
import { Badge, StateBadge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { Confirm, Dialog } from "../../ui/dialog.tsx";
import { Time } from "../../ui/figures.tsx";
import { Facts } from "../../ui/page.tsx";
import { toast } from "../../ui/toast.tsx";
import { KeyForm } from "./key-form.tsx";
import { connectionPath, connectionsQuery } from "./queries.ts";
import { ShopForm } from "./shop-form.tsx";
import { ShopScript } from "./shop-script.tsx";

/** A checkout as it stands, and what its owner can do about it. */
export function ConnectionCard({ connection, owner }: { connection: Connection; owner: boolean }) {
  const { state } = connection;
  return (
    <article
      aria-label={connection.name}
      className="min-w-0 rounded-xl border border-line bg-card p-5 shadow-card sm:p-6"
    >
      <div className="mb-4 flex flex-wrap items-center gap-x-3 gap-y-2">
        <h2 className="font-serif text-xl">{connection.name}</h2>
        <StateBadge words={connectionWords[state]} />
        {!connection.livemode && <Badge>Test mode</Badge>}
      </div>
      {state === "connecting" && !connection.problem && (
        <p role="status" className="mb-4 rounded-lg bg-wait-wash px-4 py-3 text-[0.9375rem]">
          Its webhook is being made. That takes a few seconds.
        </p>
      )}
      {connection.problem && (
        <p className="mb-4 rounded-lg bg-bad-wash px-4 py-3 text-[0.9375rem]">{connection.problem}</p>
      )}
      <Facts items={factsOf(connection)} />
      {state === "active" && <ShopScript connection={connection} />}
      {owner && state !== "disconnected" && <Actions connection={connection} />}
    </article>
  );
}

function factsOf(connection: Connection): [string, ReactNode][] {
  const { accountId, shopUrl, keyEnds, webhook, codes, comparison, lastEventAt, lastBadSignatureAt, state } =
    connection;
  const shown: [string, ReactNode | false][] = [
    [
      "Account",
      <>
        {providerWords[connection.provider]}
        {(shopUrl || accountId) && (
          <>
            {" · "}
            <span className="break-all font-mono">{shopUrl?.replace(/^https?:\/\//, "") ?? accountId}</span>
          </>
        )}
      </>,
    ],
    ["Key", keyEnds && <span className="font-mono">…{keyEnds}</span>],
    ["Last event", state !== "connecting" && (lastEventAt ? <Time at={lastEventAt} as="relative" /> : "None yet")],
    [
      "Refused",
      lastBadSignatureAt && (
        <>
          A signature that did not hold, <Time at={lastBadSignatureAt} as="relative" />. If that goes on, renew the
          webhook.
        </>
      ),
    ],
    [
      "Webhook",
      state !== "disconnected" &&
        (webhook.renewing
          ? "A new one is being made; the present one works until then."
          : webhook.outdated
            ? "It lacks kinds of events that are read by now. Renew it."
            : webhook.formerSecretUntil && (
                <>
                  Renewed; the former secret holds until <Time at={webhook.formerSecretUntil} />.
                </>
              )),
    ],
    ["Compared", state === "active" && comparison && <Compared {...comparison} connectionId={connection.id} />],
    [
      "Privacy",
      connection.provider === "shopify" && state === "active" && (
        <>
          In the app's settings at Shopify, enter this address for customers/data_request, customers/redact and
          shop/redact: what buyers have a right to is then done by itself.
          <span className="mt-1.5 flex flex-wrap items-center gap-2">
            <span className="break-all font-mono text-sm">{connection.webhookUrl}</span>
            <CopyButton text={connection.webhookUrl} what="Webhook address" look="quiet" />
          </span>
        </>
      ),
    ],
    ["Codes", state === "active" && codes && codesWords(codes)],
    ["Connected", connection.connectedAt && <Time at={connection.connectedAt} as="day" />],
    ["Ended", connection.disconnectedAt && <Time at={connection.disconnectedAt} as="day" />],
  ];
  return shown.flatMap(([name, value]) => (value ? [[name, value]] : []));
}

/** What came here against the checkout's own list. */
const Compared = ({
  at,
  seen,
  found,
  connectionId,
}: NonNullable<Connection["comparison"]> & { connectionId: string }) => (
  <>
    With the checkout's own list, <Time at={at} as="relative" />: {seen.toLocaleString("en")} looked at,{" "}
    {found === 0 ? (
      "none was missing."
    ) : (
      <>
        <Link to="/events" search={{ source: "comparison", connectionId }} className="link">
          {found.toLocaleString("en")} had never been delivered
        </Link>{" "}
        and {found === 1 ? "was" : "were"} taken in.
      </>
    )}
  </>
);

function codesWords({ state, done, error }: NonNullable<Connection["codes"]>): string {
  const so = `${plural(done, "code", "codes")} put there`;
  if (state === "done") return `${so}.`;
  if (state === "failed") return `${so}, then it stopped: ${error ?? "no reason was given"}`;
  return done > 0 ? `${so} so far.` : "They are put there in a minute.";
}

type Asking = "key" | "again" | "renew" | "disconnect" | undefined;

function Actions({ connection }: { connection: Connection }) {
  const client = useQueryClient();
  const [asking, setAsking] = useState<Asking>();
  const path = connectionPath(connection.id);
  const act = useMutation({
    mutationFn: ({ what }: { what: "webhook" | "codes" | "disconnect"; said: string }) => post(`${path}/${what}`),
    onSuccess: (_, { said }) => {
      for (const queryKey of [connectionsQuery.queryKey, ["setup"]]) void client.invalidateQueries({ queryKey });
      toast(said);
    },
    onError: (error) => toast(error.message, "bad"),
    onSettled: () => setAsking(undefined),
  });
  const navigate = useNavigate();
  const compare = useMutation({
    mutationFn: () => post<{ job: Job }>(`${path}/compare`),
    onSuccess: ({ job }) => void navigate({ to: "/jobs/$jobId", params: { jobId: job.id } }),
    onError: (error) => toast(error.message, "bad"),
  });
  const active = connection.state === "active";
  const stripe = connection.provider === "stripe";
  return (
    <div className="mt-5 flex flex-wrap gap-2 border-line border-t pt-4">
      {stripe && active && (
        <>
          <Button look="outline" onClick={() => setAsking("key")}>
            <KeyRound aria-hidden className="size-4" />
            Change key
          </Button>
          <Button look="outline" disabled={connection.webhook.renewing} onClick={() => setAsking("renew")}>
            <RefreshCw aria-hidden className="size-4" />
            Renew webhook
          </Button>
        </>
      )}
      {!stripe && active && (
        <Button look="outline" disabled={connection.webhook.renewing} onClick={() => setAsking("again")}>
          <KeyRound aria-hidden className="size-4" />
          Change key
        </Button>
      )}
      {!active && connection.problem && (
        <Button look="outline" onClick={() => setAsking("again")}>
          <KeyRound aria-hidden className="size-4" />
          Enter a key again
        </Button>
      )}
      {active && connection.codes?.state === "failed" && (
        <Button
          look="outline"
          busy={act.isPending}
          onClick={() => act.mutate({ what: "codes", said: "The codes are put there once more." })}
        >
          Put codes there again
        </Button>
      )}
      {active && (
        <Button look="outline" busy={compare.isPending} onClick={() => compare.mutate()}>
          <ListChecks aria-hidden className="size-4" />
          Compare now
        </Button>
      )}
      <Button look="danger" className="sm:ml-auto" onClick={() => setAsking("disconnect")}>
        {active ? "Disconnect" : "Remove"}
      </Button>

      <Dialog
        open={asking === "key"}
        onClose={() => setAsking(undefined)}
        title="Change the key"
        lead={`For another one of the same account. ${connection.name} goes on with it at once; webhook and codes stay as they are.`}
      >
        <KeyForm of={connection} onDone={() => setAsking(undefined)} />
      </Dialog>
      <Dialog
        open={asking === "again"}
        onClose={() => setAsking(undefined)}
        title={active ? "Change the key" : `Connect ${connection.name}`}
        lead={
          active
            ? `For other ones of the same shop. ${connection.name} goes on with them at once; what the former secret signs is taken for a day longer.`
            : "By a key of the same account that may do all that is needed. It goes on where it stopped."
        }
      >
        {connection.provider === "stripe" ? (
          <KeyForm onDone={() => setAsking(undefined)} />
        ) : (
          <ShopForm provider={connection.provider} of={connection} onDone={() => setAsking(undefined)} />
        )}
      </Dialog>
      <Confirm
        open={asking === "renew"}
        onClose={() => setAsking(undefined)}
        title="Renew the webhook?"
        lead="A new one is made with a new secret, and the present one is deleted. Nothing is lost meanwhile: the former secret holds for a day."
        confirm="Renew it"
        busy={act.isPending}
        onConfirm={() => act.mutate({ what: "webhook", said: "A new webhook is being made." })}
      />
      <Confirm
        open={asking === "disconnect"}
        onClose={() => setAsking(undefined)}
        title={active ? `Disconnect ${connection.name}?` : `Remove ${connection.name}?`}
        lead={
          active
            ? `Its sales are not counted any more. Orders and earnings stay, and so do the codes at the checkout: switch them off there if customers should not have the discount any more.${connection.provider === "shopify" ? " Uninstall the app at Shopify too; what it asks about buyers' data is answered until then." : ""}`
            : "What was made at the checkout so far is deleted there, and its key here."
        }
        confirm={active ? "Disconnect" : "Remove"}
        busy={act.isPending}
        onConfirm={() => act.mutate({ what: "disconnect", said: active ? "It is disconnected." : "It is removed." })}
      />
    </div>
  );
}
