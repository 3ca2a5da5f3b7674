import type { Connection } from "@laurel/contract";
import { useQuery } from "@tanstack/react-query";
import { Plug, Plus } from "lucide-react";
import { useState } from "react";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Page } from "../../ui/page.tsx";
import { Empty, Failure, SkeletonPage } from "../../ui/states.tsx";
import { Plumbing } from "../event/plumbing.tsx";
import { isOwner, meQuery } from "../session/session.ts";
import { ConnectionCard } from "./card.tsx";
import { KeyForm } from "./key-form.tsx";
import { connectionsQuery } from "./queries.ts";
import { ShopForm } from "./shop-form.tsx";
import { shopWords } from "./shop-words.ts";

/** The checkouts that the program sells through. */
export function Connections() {
  const { data: me } = useQuery(meQuery);
  const owner = isOwner(me);
  const connections = useQuery(connectionsQuery);
  const [connecting, setConnecting] = useState<Connection["provider"]>();
  const close = () => setConnecting(undefined);
  const shop = connecting === "stripe" ? undefined : connecting;
  const connect = (
    <>
      <Button onClick={() => setConnecting("stripe")}>
        <Plus aria-hidden className="size-4" />
        Connect Stripe
      </Button>
      <Button look="outline" onClick={() => setConnecting("shopify")}>
        Connect Shopify
      </Button>
      <Button look="outline" onClick={() => setConnecting("woocommerce")}>
        Connect WooCommerce
      </Button>
    </>
  );
  return (
    <Page
      title="Connections"
      lead={
        <>
          The checkouts whose sales count, each with the webhook that tells of them.
          {me && !owner && " Only owners can change them."}
        </>
      }
      actions={owner && (connections.data?.length ?? 0) > 0 && connect}
    >
      <Plumbing here="connections" />
      {connections.isPending ? (
        <SkeletonPage label="Loading the connections" />
      ) : connections.isLoadingError ? (
        <Failure error={connections.error} retry={() => connections.refetch()} />
      ) : connections.data.length === 0 ? (
        <Empty title="No checkout is connected" icon={<Plug aria-hidden className="size-6" />}>
          <p>
            Connect your Stripe account, your Shopify shop or your WooCommerce store. Laurel makes the webhook and the
            codes itself.
          </p>
          {owner && <div className="mt-5 flex flex-wrap justify-center gap-2">{connect}</div>}
        </Empty>
      ) : (
        <div className="grid items-start gap-5 lg:grid-cols-2">
          {connections.data.map((connection) => (
            <ConnectionCard key={connection.id} connection={connection} owner={owner} />
          ))}
        </div>
      )}
      <Dialog
        open={connecting === "stripe"}
        onClose={close}
        title="Connect Stripe"
        lead="By one API key of the account. Laurel makes the webhook, and puts your ambassadors' codes there."
      >
        <KeyForm onDone={close} />
      </Dialog>
      {shop && (
        <Dialog open onClose={close} title={shopWords[shop].title} lead={shopWords[shop].lead}>
          <ShopForm provider={shop} onDone={close} />
        </Dialog>
      )}
    </Page>
  );
}
