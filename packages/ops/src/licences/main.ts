import { main } from "../cli/command.ts";
import { licences } from "./licences.ts";

await main(licences);
