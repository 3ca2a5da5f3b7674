import { main } from "../cli/command.ts";
import { smoke } from "./smoke.ts";

await main(smoke);
