/** The node between: see echo.ts. */
import { relay } from "./echo.ts";

export const services = [relay];
