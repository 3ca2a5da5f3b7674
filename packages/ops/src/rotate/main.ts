import { main } from "../cli/command.ts";
import { rotate } from "./rotate.ts";

await main(rotate);
