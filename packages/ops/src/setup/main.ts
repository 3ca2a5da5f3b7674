import { main } from "../cli/command.ts";
import { setup } from "./setup.ts";

await main(setup);
