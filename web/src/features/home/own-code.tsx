import { type Code, promoCode } from "@laurel/contract";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { PencilLine } from "lucide-react";
import { type FormEvent, useState } from "react";
import { post } from "../../api/client.ts";
import { ApiError } from "../../api/problem.ts";
import { fieldMessage } from "../../format/words.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Field } from "../../ui/field.tsx";
import { Failure } from "../../ui/states.tsx";
import { toast } from "../../ui/toast.tsx";

/** The button, and behind it the dialog, by which an ambassador chooses a code of their own. */
export function OwnCode({ code }: { code: Code }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button look="outline" onClick={() => setOpen(true)}>
        <PencilLine aria-hidden className="size-4" />
        Choose your own code
      </Button>
      <Dialog
        open={open}
        onClose={() => setOpen(false)}
        title="Choose your own code"
        lead={`You can do this once. ${code.code}, its link and its QR code keep working for ever, so nothing you have shared is lost.`}
      >
        <ChooseForm before={code} onDone={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

/**
 * What is wrong with a text as it stands, by the API's own shape.
 * @param finished whether it is meant to be whole; until then it may be too short
 */
export function wrongWith(text: string, finished: boolean): string | undefined {
  if (promoCode.safeParse(text).success) return undefined;
  if (/[^A-Z0-9]/.test(text)) return "Only the letters A to Z and the digits 0 to 9, please.";
  if (text.length > 20) return `That is ${text.length} characters; 20 is the most.`;
  return finished ? "At least 3 characters, please." : undefined;
}

function ChooseForm({ before, onDone }: { before: Code; onDone: () => void }) {
  const client = useQueryClient();
  const [text, setText] = useState("");
  const [finished, setFinished] = useState(false);
  const choose = useMutation({
    mutationFn: (code: string) => post<Code>("/api/me/codes", { code }),
    onSuccess: (made) => {
      void client.invalidateQueries({ queryKey: ["me"] });
      toast(`${made.code} is yours. It works at the checkout in a moment.`);
      onDone();
    },
  });

  const wrong = wrongWith(text, finished);
  const refused = choose.error instanceof ApiError && choose.error.fields.length > 0 ? choose.error : undefined;
  // Of a text that is taken, the sentence tells by whom; of one that nobody may have, the field's own words tell why.
  const said =
    refused && (refused.status === 400 ? fieldMessage("This code", refused.fields[0]!.message) : refused.message);

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setFinished(true);
    if (!choose.isPending && !wrongWith(text, true)) choose.mutate(text);
  };

  return (
    <form onSubmit={submit} noValidate className="space-y-5">
      <Field label="Your code" required hint="3 to 20 characters, A to Z and 0 to 9." error={wrong ?? said}>
        {(parts) => (
          <input
            {...parts}
            value={text}
            onChange={(event) => {
              setText(event.currentTarget.value.trim().toUpperCase());
              if (!choose.isPending) choose.reset();
            }}
            onBlur={() => setFinished(text !== "")}
            autoComplete="off"
            autoCapitalize="characters"
            spellCheck={false}
            className="field-box font-mono text-lg uppercase"
          />
        )}
      </Field>
      <p className="break-all rounded-lg bg-sunk px-3.5 py-2.5 text-[0.9375rem] text-soft">
        Your link will be{" "}
        <span className="font-mono text-ink">{before.link.replace(/[^/]*$/, wrong || text === "" ? "…" : text)}</span>
      </p>
      {choose.isError && !refused && <Failure error={choose.error} />}
      <div className="flex flex-wrap justify-end gap-2">
        <Button look="outline" onClick={onDone}>
          Keep {before.code}
        </Button>
        <Button type="submit" busy={choose.isPending}>
          Make it my code
        </Button>
      </div>
    </form>
  );
}
