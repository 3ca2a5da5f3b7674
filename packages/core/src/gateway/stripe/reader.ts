import type { Fact } from "../../order/fact.ts";
import type { Json } from "../checkout/json.ts";

/** Reads the object of an event. The event itself tells its type and when it happened; both are not in the object. */
export type Reader = (object: Json, event: Json, now: Date) => Fact;
