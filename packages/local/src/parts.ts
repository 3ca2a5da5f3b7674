/** Everything that carries weight, in one place, so that a start can load it while the engine comes up. */
export { createApi } from "@laurel/functions/api/app.ts";
export { createMinute } from "@laurel/functions/job/minute.ts";
export { createRedirect } from "@laurel/functions/redirect.ts";
export { createRuntime } from "@laurel/functions/runtime.ts";
export { createWebhook } from "@laurel/functions/webhook/app.ts";
export { copyBeside } from "./backup/copy.ts";
export { openCheckoutDoor } from "./checkout.ts";
export { startInbox } from "./inbox/inbox.ts";
export { createLocal } from "./server/local.ts";
export { networkOfSocket } from "./server/network.ts";
export { createPortal } from "./server/portal.ts";
export { createShop } from "./shop/index.ts";
export { consumersOf } from "./stream/consumers.ts";
export { createPoller } from "./stream/poller.ts";
export { openPositions } from "./stream/positions.ts";
export { createReader } from "./stream/reader.ts";
