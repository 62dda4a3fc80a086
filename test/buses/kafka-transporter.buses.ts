import { transporterRun } from "../support/systems/transporter-run.ts";

transporterRun("kafka");
