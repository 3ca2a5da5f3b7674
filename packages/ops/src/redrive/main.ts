import { main } from "../cli/command.ts";
import { redrive } from "./redrive.ts";

await main(redrive);
