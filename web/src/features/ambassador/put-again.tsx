import type { Code } from "@laurel/contract";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import { post } from "../../api/client.ts";
import { Button } from "../../ui/button.tsx";
import { toast } from "../../ui/toast.tsx";
import { canDecide, meQuery } from "../session/session.ts";

/** Has a code that failed put at the checkouts once more, for those who may. */
export function PutAgain({ ambassadorId, code }: { ambassadorId: string; code: string }) {
  const client = useQueryClient();
  const { data: me } = useQuery(meQuery);
  const putAgain = useMutation({
    mutationFn: () =>
      post<Code>(`/api/ambassadors/${encodeURIComponent(ambassadorId)}/codes/${encodeURIComponent(code)}/put-again`),
    onSuccess: () => toast(`${code} is put at the checkout again. This page notices when it works.`),
    onError: (error) => toast(error.message, "bad"),
    onSettled: () => client.invalidateQueries({ queryKey: ["ambassador", ambassadorId] }),
  });
  if (!canDecide(me)) return null;
  return (
    <Button
      look="outline"
      busy={putAgain.isPending}
      aria-label={`Try again: ${code}`}
      onClick={() => putAgain.mutate()}
    >
      <RotateCw aria-hidden className="size-4" />
      Try again
    </Button>
  );
}
