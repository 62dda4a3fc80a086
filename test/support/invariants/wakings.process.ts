/** The other process of machine-speed.ts: it says at once what it was told. */
process.on("message", (message) => process.send!(message));
process.on("disconnect", () => process.exit());
process.send!("ready");
