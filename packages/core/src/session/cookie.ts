export interface SessionCookie {
  name: string;
  /** Only over https; Safari refuses it on plain http, loopback included. */
  secure: boolean;
}

/**
 * The session cookie of a deployment. Over https its name begins with __Host-, which binds it to this host and to the
 * whole of it (RFC 6265bis, section 4.1.3.2). On plain http the port is in the name, because cookies of all ports of a
 * host share one jar.
 */
export function sessionCookie(publicOrigin: string): SessionCookie {
  const { protocol, port } = new URL(publicOrigin);
  return protocol === "https:"
    ? { name: "__Host-laurel", secure: true }
    : { name: `laurel_${port || "80"}`, secure: false };
}
