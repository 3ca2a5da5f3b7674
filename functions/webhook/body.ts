export const maxBodyBytes = 1024 * 1024;

/**
 * The raw bytes, or undefined where there are more than a webhook may have: told from the header, or at the first byte too many.
 * A body of a told length comes whole, for that is what every checkout sends and a stream takes far more work.
 */
export async function readBody(request: Request): Promise<Uint8Array | undefined> {
  const told = request.headers.get("content-length");
  if (Number(told ?? 0) > maxBodyBytes) return undefined;
  if (told !== null) {
    const body = new Uint8Array(await request.arrayBuffer());
    return body.length > maxBodyBytes ? undefined : body;
  }
  if (!request.body) return new Uint8Array();
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of request.body) {
    length += part.length;
    if (length > maxBodyBytes) return undefined;
    parts.push(part);
  }
  return parts.length === 1 ? parts[0] : new Uint8Array(Buffer.concat(parts));
}
