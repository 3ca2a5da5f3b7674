export { pageHeaders } from "../../../../web/headers.ts";
