/** Preloaded into a process that must not reach the network. */
globalThis.fetch = () => Promise.reject(new TypeError("no network in this test"));
