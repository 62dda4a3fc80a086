/** The other process of machine-speed.ts: it sends back at once what it received. */
process.on("message", (message) => process.send!(message));
process.on("disconnect", () => process.exit());
process.send!("ready");
