/** Runs once before all specs, whose hooks have no time to install the servers that some of them start. */
import { provide } from "../../scripts/cluster/binaries.ts";

export default () => provide(["nats-server", "redis-server", "haproxy", "nginx", "chromium", "ffmpeg"]);
