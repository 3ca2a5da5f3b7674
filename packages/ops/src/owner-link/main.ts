import { main } from "../cli/command.ts";
import { ownerLink } from "./owner-link.ts";

await main(ownerLink);
