import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP } from "node:net";
import { ClosedAddress, isOpen, openLookup } from "./addresses.ts";

const timeoutMs = 10_000;
const maxBytes = 8 * 1024 * 1024;

export interface Question {
  url: URL;
  method: "GET" | "POST" | "PUT" | "DELETE";
  headers: Record<string, string>;
  body?: string;
  /** Only for a stand-in that the configuration names: it may be on this machine, and without encryption. */
  standIn: boolean;
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Nobody answered, or not in time, or not to its end. Whether the request was done is not known. */
export class NoAnswer extends Error {}
/** The address must not be asked. */
export class ForbiddenAddress extends Error {}

/**
 * One request and its answer, within 10 s and 8 MiB. Redirects are not followed: the key would travel with them.
 * @throws ForbiddenAddress where the address is not https, or not of the open internet; NoAnswer
 */
export function ask({ url, method, headers, body, standIn }: Question): Promise<Answer> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (!standIn && (url.protocol !== "https:" || (isIP(host) !== 0 && !isOpen(host)) || url.username || url.password))
    return Promise.reject(new ForbiddenAddress(`${url.protocol}//${url.host} must not be asked`));
  return new Promise((resolve, reject) => {
    const send = url.protocol === "http:" ? httpRequest : httpsRequest;
    const request = send(
      url,
      {
        method,
        headers: {
          accept: "application/json",
          "user-agent": "Laurel",
          ...headers,
          ...(body === undefined
            ? {}
            : { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
        },
        signal: AbortSignal.timeout(timeoutMs),
        ...(standIn ? {} : { lookup: openLookup }),
      },
      (response) => {
        const parts: Buffer[] = [];
        let length = 0;
        response.on("data", (part: Buffer) => {
          length += part.length;
          if (length > maxBytes) response.destroy(new Error("The answer is too long"));
          else parts.push(part);
        });
        response.on("error", fail);
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(parts).toString("utf8"),
          }),
        );
      },
    );
    const fail = (error: Error) =>
      reject(
        error instanceof ClosedAddress
          ? new ForbiddenAddress(error.message)
          : new NoAnswer(`${(error as NodeJS.ErrnoException).code ?? error.name}: ${error.message}`.slice(0, 200)),
      );
    request.on("error", fail);
    request.end(body);
  });
}
