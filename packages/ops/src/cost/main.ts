import { main } from "../cli/command.ts";
import { cost } from "./cost.ts";

await main(cost);
