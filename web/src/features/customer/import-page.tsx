import { useQueryClient } from "@tanstack/react-query";
import { FileUp, LockKeyhole } from "lucide-react";
import { type ChangeEvent, type FormEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { get, post } from "../../api/client.ts";
import { formatCount } from "../../format/money.ts";
import { plural } from "../../format/words.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Field } from "../../ui/field.tsx";
import { Card, Page } from "../../ui/page.tsx";
import { Failure } from "../../ui/states.tsx";
import { announce } from "../../ui/toast.tsx";
import { Unsaved } from "../../ui/unsaved.tsx";
import { ProgramTabs } from "../program/tabs.tsx";
import { type Found, findCustomers, textOf } from "./addresses.ts";
import { hashesOf } from "./digest.ts";
import { linesInWords } from "./lines.ts";
import { beginning, goOn, isOver, partsOf, resultOf, type Sent, shareOf } from "./run.ts";

interface List {
  name: string;
  found: Found;
  hashes: readonly string[];
}

type State =
  | { step: "choose"; problem?: string }
  | { step: "read"; name: string; share: number }
  | { step: "look"; list: List }
  | { step: "send"; list: List; sent: Sent; error?: unknown }
  | { step: "done"; list: List; sent: Sent };

const count = (number: number, one: string, many: string) => `${formatCount(number)} ${number === 1 ? one : many}`;

/** Tells the program who bought before it began, so that it knows who is new. Addresses are hashed here and never sent. */
export function KnownCustomers() {
  const [state, setState] = useState<State>({ step: "choose" });
  const [ended, setEnded] = useState<{ list: List; sent: Sent }[]>([]);
  const stop = useRef<AbortController>(undefined);
  const client = useQueryClient();
  useEffect(() => () => stop.current?.abort(), []);

  const read = async (name: string, load: () => Promise<string | undefined>) => {
    const control = new AbortController();
    stop.current = control;
    const { signal } = control;
    const tell = (share: number) => !signal.aborted && setState({ step: "read", name, share });
    tell(0);
    try {
      const text = await load();
      if (text === undefined) {
        setState({
          step: "choose",
          problem: "This is no text file. Save the list as CSV first: in Excel, File, Save as, CSV UTF-8.",
        });
        return;
      }
      const found = await findCustomers(text, { signal, onProgress: (share) => tell(share / 2) });
      const hashes = await hashesOf(found.entries, { signal, onProgress: (share) => tell(0.5 + share / 2) });
      if (hashes.length === 0) {
        setState({ step: "choose", problem: `There is no e-mail address and no SHA-256 in ${name}.` });
        return;
      }
      setState({ step: "look", list: { name, found, hashes } });
      announce(`${count(hashes.length, "customer", "customers")} found.`);
    } catch (error) {
      if (signal.aborted) setState({ step: "choose" });
      else
        setState({ step: "choose", problem: error instanceof Error ? error.message : "The list could not be read." });
    }
  };

  const send = async (list: List, from: Sent) => {
    const control = new AbortController();
    stop.current = control;
    const { signal } = control;
    let sent = from;
    const onStep = (next: Sent) => {
      sent = next;
      if (!signal.aborted) setState({ step: "send", list, sent });
    };
    onStep(from);
    try {
      await goOn(from, outside, { signal, onStep });
      void client.invalidateQueries({ queryKey: ["orders"] });
      setEnded((before) => [{ list, sent }, ...before]);
      setState({ step: "done", list, sent });
      announce("All of the list is taken in.");
    } catch (error) {
      if (!signal.aborted) setState({ step: "send", list, sent, error });
    }
  };

  return (
    <Page
      title="Known customers"
      heading="Program"
      width="column"
      lead="Who bought from you before this program began. So each order tells a new customer from a returning one, and your rules can go by it."
    >
      <ProgramTabs here="/program/customers" />
      <p className="mb-5 flex items-start gap-3 rounded-xl bg-leaf-wash px-5 py-4 text-[0.9375rem]">
        <LockKeyhole aria-hidden className="mt-0.5 size-5 shrink-0 text-leaf" />
        <span>
          <strong>The addresses never leave this computer.</strong> Your browser turns each of them into a SHA-256
          before anything is sent, and Laurel keeps only a keyed hash of that: nobody can read the addresses from it.
        </span>
      </p>
      {state.step === "choose" && <Choose problem={state.problem} onRead={read} />}
      {state.step === "read" && (
        <Card title="Reading the list">
          <Bar label="Reading the list" share={state.share} />
          <div className="mt-4 flex flex-wrap items-center justify-between gap-3">
            <p className="text-[0.9375rem] text-soft">
              {state.name}: addresses are found and hashed, here in the browser.
            </p>
            <Button look="outline" onClick={() => stop.current?.abort()}>
              Stop
            </Button>
          </div>
        </Card>
      )}
      {state.step === "look" && (
        <Card title={state.list.name}>
          <Findings list={state.list} />
          <div className="mt-5 flex flex-wrap gap-2">
            <Button onClick={() => void send(state.list, beginning(state.list.hashes))}>
              Import {count(state.list.hashes.length, "customer", "customers")}
            </Button>
            <Button look="outline" onClick={() => setState({ step: "choose" })}>
              Choose another list
            </Button>
          </div>
        </Card>
      )}
      {state.step === "send" && (
        <Card title={state.list.name}>
          <Unsaved
            when={state.error === undefined && state.sent.parts < partsOf(state.sent)}
            title="Stop the import?"
            lead="Not all of the list is sent yet. What was sent is taken in; you can send the list again at any time, nothing is done twice."
          />
          <Bar label="Importing" share={shareOf(state.sent)} />
          {state.error === undefined ? (
            <p className="mt-3 text-[0.9375rem] text-soft">
              {state.sent.parts < partsOf(state.sent)
                ? `Sending part ${state.sent.parts + 1} of ${partsOf(state.sent)}. Keep this page open.`
                : "Everything is sent and is being taken in. You may leave this page."}
            </p>
          ) : (
            <div className="mt-4">
              <Failure error={state.error} />
              <p className="mt-3 text-[0.9375rem]">
                {state.sent.parts} of {partsOf(state.sent)} parts are sent. It goes on where it stopped.
              </p>
              <div className="mt-3 flex flex-wrap gap-2">
                <Button onClick={() => void send(state.list, state.sent)}>Go on</Button>
                <Button look="outline" onClick={() => setState({ step: "choose" })}>
                  Stop here
                </Button>
              </div>
            </div>
          )}
        </Card>
      )}
      {state.step === "done" && (
        <div className="mb-5">
          <Button onClick={() => setState({ step: "choose" })}>
            <FileUp aria-hidden className="size-4" />
            Import another list
          </Button>
        </div>
      )}
      {ended.length > 0 && (
        <ul aria-label="Imported lists" className="mt-5 space-y-4">
          {ended.map((each) => (
            <li key={each.list.name + each.sent.jobs[0]?.id}>
              <Ended {...each} />
            </li>
          ))}
        </ul>
      )}
    </Page>
  );
}

const outside = {
  send: async (customers: readonly string[]) =>
    (await post<{ job: Sent["jobs"][number] }>("/api/customers/imports", { customers })).job,
  look: (jobId: string) => get<Sent["jobs"][number]>(`/api/jobs/${encodeURIComponent(jobId)}`),
  wait: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
};

function Choose({
  problem,
  onRead,
}: {
  problem: string | undefined;
  onRead: (name: string, load: () => Promise<string | undefined>) => Promise<void>;
}) {
  const [pasted, setPasted] = useState("");
  const [tried, setTried] = useState(false);
  const file = useRef<HTMLInputElement>(null);
  const pick = (event: ChangeEvent<HTMLInputElement>) => {
    const chosen = event.target.files?.[0];
    if (chosen) void onRead(chosen.name, async () => textOf(new Uint8Array(await chosen.arrayBuffer())));
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setTried(true);
    if (pasted.trim()) void onRead("Pasted list", async () => pasted);
  };
  return (
    <div className="space-y-5">
      {problem && (
        <div role="alert" className="rounded-xl border border-bad/40 bg-bad-wash px-5 py-4">
          <p>{problem}</p>
        </div>
      )}
      <Card title="A file">
        <p className="mb-4 text-[0.9375rem] text-soft">
          A CSV as your shop or newsletter tool exports it, with any columns: the one with e-mail addresses, or SHA-256
          hashes of them, is found by itself.
        </p>
        <input ref={file} type="file" accept=".csv,.txt,.tsv,text/csv,text/plain" onChange={pick} className="hidden" />
        <Button onClick={() => file.current?.click()}>
          <FileUp aria-hidden className="size-4" />
          Choose a file
        </Button>
      </Card>
      <Card title="Or paste a list">
        <form noValidate onSubmit={submit} className="space-y-4">
          <Field
            label="E-mail addresses or SHA-256"
            required
            hint="One a line, or separated by commas."
            error={tried && pasted.trim() === "" ? "Paste a list first." : undefined}
          >
            {(parts) => (
              <textarea
                {...parts}
                rows={6}
                value={pasted}
                onChange={(event) => setPasted(event.target.value)}
                autoComplete="off"
                spellCheck={false}
                className="field-box font-mono text-[0.9375rem]"
              />
            )}
          </Field>
          <Button type="submit" look="outline">
            Read the list
          </Button>
        </form>
      </Card>
    </div>
  );
}

function Bar({ label, share }: { label: string; share: number }) {
  return (
    <progress
      aria-label={label}
      value={share}
      max={1}
      className="block h-2.5 w-full appearance-none overflow-hidden rounded-full bg-sunk [&::-moz-progress-bar]:bg-leaf [&::-webkit-progress-bar]:bg-sunk [&::-webkit-progress-value]:bg-leaf"
    />
  );
}

const Figure = ({ value, children }: { value: number; children: ReactNode }) => (
  <div className="min-w-0">
    <dd className="font-serif text-2xl tabular-nums">{formatCount(value)}</dd>
    <dt className="text-sm text-soft">{children}</dt>
  </div>
);

function Findings({ list: { found, hashes } }: { list: List }) {
  return (
    <>
      <dl className="grid grid-cols-2 gap-4 sm:grid-cols-4">
        <Figure value={hashes.length}>{hashes.length === 1 ? "customer" : "customers"}</Figure>
        <Figure value={found.rows}>{found.rows === 1 ? "row" : "rows"} in the list</Figure>
        <Figure value={found.repeated + found.entries.length - hashes.length}>more than once</Figure>
        <Figure value={found.wrongLines.length}>without an address</Figure>
      </dl>
      <Wrong lines={found.wrongLines} />
    </>
  );
}

function Wrong({ lines }: { lines: readonly number[] }) {
  if (lines.length === 0) return null;
  const { text, more } = linesInWords(lines);
  return (
    <p className="mt-4 rounded-lg bg-wait-wash px-4 py-3 text-[0.9375rem]">
      {lines.length === 1 ? "Line " : "Lines "}
      {text}
      {more > 0 && ` and ${formatCount(more)} more`} {lines.length === 1 ? "holds" : "hold"} neither an e-mail address
      nor a SHA-256, and {lines.length === 1 ? "is" : "are"} left out.
    </p>
  );
}

function Ended({ list, sent }: { list: List; sent: Sent }) {
  const { added, known, left, error } = resultOf(sent);
  return (
    <article aria-label={list.name} className="rounded-xl border border-line bg-card p-5 shadow-card sm:p-6">
      <div className="mb-4 flex flex-wrap items-center gap-3">
        <h2 className="font-serif text-xl">{list.name}</h2>
        {left > 0 || !isOver(sent) ? <Badge tone="bad">Not complete</Badge> : <Badge tone="good">Taken in</Badge>}
      </div>
      <dl className="grid grid-cols-2 gap-4 sm:grid-cols-4">
        <Figure value={added}>not known before</Figure>
        <Figure value={known}>known already</Figure>
        <Figure value={list.found.wrongLines.length}>without an address</Figure>
        {left > 0 && <Figure value={left}>not taken in</Figure>}
      </dl>
      {left > 0 && (
        <p className="mt-4 text-[0.9375rem] text-bad">
          {error ?? "Something went wrong."} Import the list again: {plural(added + known, "customer", "customers")} of
          it will then be known already.
        </p>
      )}
      <Wrong lines={list.found.wrongLines} />
    </article>
  );
}
