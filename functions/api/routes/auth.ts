import { CheckYourMail, Me, StartSignIn, VerifySignIn } from "@laurel/contract";
import { endSession } from "@laurel/core/session";
import * as SignIn from "@laurel/core/sign-in";
import { sessionOf } from "../middleware/session.ts";
import { route } from "../route.ts";

const tag = "Sign-in";

const start = route({
  method: "post",
  path: "/api/auth/start",
  summary: "Ask for a mail to sign in with",
  description:
    "The answer is the same whether or not the address is known. 5 in 15 minutes an address, 50 an hour a network.",
  tag,
  permission: "public",
  body: StartSignIn,
  status: 202,
  answer: CheckYourMail,
  answerDescription: "If the address may sign in, a mail with a link and a code is on its way",
  handle: ({ ctx, body }) => SignIn.start(ctx, body),
});

const verify = route({
  method: "post",
  path: "/api/auth/verify",
  summary: "Sign in with a link's token or a code",
  description:
    "Each mail is good once, for 15 minutes and 5 tries. Sets the session cookie: 12 hours unused, 30 days at most. Only a POST uses a token up, so programs that open links in mails do no harm.",
  tag,
  permission: "public",
  body: VerifySignIn,
  answer: Me,
  idempotency: false,
  handle: async ({ ctx, body, http, runtime }) => {
    const session = sessionOf(runtime.env.PUBLIC_ORIGIN);
    const { cookie, actor } = await SignIn.verify(ctx, body);
    const former = session.read(http);
    if (former) await endSession(ctx, former);
    session.set(http, cookie);
    return SignIn.me({ ...ctx, actor });
  },
});

const signOut = route({
  method: "post",
  path: "/api/auth/sign-out",
  summary: "End the session",
  tag,
  permission: "public",
  idempotency: false,
  handle: async ({ ctx, http, runtime }) => {
    const session = sessionOf(runtime.env.PUBLIC_ORIGIN);
    const cookie = session.read(http);
    if (cookie) await endSession(ctx, cookie);
    session.clear(http);
    return undefined;
  },
});

const me = route({
  method: "get",
  path: "/api/me",
  summary: "Who is signed in",
  tag,
  permission: "me.read",
  answer: Me,
  handle: ({ ctx }) => SignIn.me(ctx),
});

export const authRoutes = [start, verify, signOut, me] as const;
