/**
 * The rule of the house, checked by `npm run lint`: the rooms of src/ stand in one order, a room
 * imports only rooms before it, and from another room only its two doors: index.ts, what users see, and internal.ts,
 * what other rooms use. ARCHITECTURE.md says why.
 */
const rooms = [
  "tensor",
  "compiler",
  "runtime",
  "distributions",
  "model",
  "nn",
  "optim",
  "inference",
  "tables",
  "data",
  "report",
  "runs",
  "problems",
  "experiments",
  "papers",
  "cli",
];

/** Rooms that a web page loads as they are: neither Node's modules nor any npm package. */
const browserRooms = rooms.slice(0, rooms.indexOf("tables"));

const room = (name) => `(^|/)src/${name}/`;
const anyRoom = (names) => room(`(?:${names.join("|")})`);

/** `from` must not import any of `names`. */
const forbid = (name, from, names, comment) => ({
  name,
  comment,
  severity: "error",
  from: { path: room(from) },
  to: { path: anyRoom(names) },
});

const upwards = rooms
  .slice(0, -1)
  .map((name, place) =>
    forbid(
      `no-later-room-in-${name}`,
      name,
      rooms.slice(place + 1),
      `${name} may import only the rooms before it: ${rooms.slice(0, place).join(", ") || "none"}`,
    ),
  );

/** The folders of inference/, in the order of the walk from numbers and particles to what a model says of its data. */
const walk = [
  "statistics",
  "proposal",
  "logWeight",
  "elimination",
  "requirements",
  "process",
  "gradient",
  "refinement",
  "target",
  "density",
  "guides",
  "posterior",
  "mcmc",
  "fitting",
  "sampling",
  "evaluation",
  "predictive",
];
const inInference = (names) => `(^|/)src/inference/(?:${names.join("|")})/`;

const backwards = walk.slice(0, -1).map((name, place) => ({
  name: `no-later-folder-in-inference-${name}`,
  comment: `inference/${name} may import only the folders before it: ${walk.slice(0, place).join(", ") || "none"}`,
  severity: "error",
  from: { path: inInference([name]) },
  to: { path: inInference(walk.slice(place + 1)) },
}));

module.exports = {
  forbidden: [
    ...upwards,
    ...backwards,
    forbid(
      "data-knows-no-inference",
      "data",
      ["compiler", "runtime", "distributions", "model", "nn", "optim", "inference"],
      "data sets are plain arrays; they know nothing of models and how these are run",
    ),
    {
      name: "front-door-only",
      comment: "from another room import its index.ts or internal.ts, not a file inside it",
      severity: "error",
      from: { path: "(^|/)src/([^/]+)/" },
      to: {
        path: "(^|/)src/[^/]+/.+",
        pathNot: ["(^|/)src/$2/", "(^|/)src/[^/]+/(index|internal)\\.ts$"],
      },
    },
    {
      name: "users-see-index",
      comment: "what users see is in the rooms' index.ts; internal.ts is for other rooms",
      severity: "error",
      from: { path: "(^|/)src/index\\.ts$" },
      to: { path: "(^|/)src/", pathNot: "(^|/)src/[^/]+/index\\.ts$" },
    },
    {
      name: "room-is-listed",
      comment: `every folder of src/ is a room of the list: ${rooms.join(", ")}`,
      severity: "error",
      from: { path: "(^|/)src/[^/]+/", pathNot: anyRoom(rooms) },
      to: {},
    },
    {
      name: "no-import-of-the-whole",
      comment: "src/index.ts re-exports the rooms; a room that imports it goes round in a circle",
      severity: "error",
      from: { path: anyRoom(rooms.filter((name) => name !== "cli")) },
      to: { path: "(^|/)src/index\\.ts$" },
    },
    {
      name: "no-circle",
      comment: "two files that import each other are one file, or one too many",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "no-node-in-tables",
      comment:
        "tables are parsed in a web page too: by packages that run there, without Node's modules",
      severity: "error",
      from: { path: room("tables") },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "browser-safe",
      comment: "these rooms run in a web page: no Node modules, no npm packages",
      severity: "error",
      from: { path: anyRoom(browserRooms) },
      to: { dependencyTypes: ["core", "npm", "npm-dev", "npm-optional", "npm-peer", "npm-no-pkg"] },
    },
    {
      name: "no-undeclared-package",
      comment: "what src/ imports from npm stands in package.json's dependencies",
      severity: "error",
      from: { path: "(^|/)src/" },
      to: { dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"] },
    },
    {
      name: "resolvable",
      comment: "the imported file or package does not exist",
      severity: "error",
      from: { path: "(^|/)src/" },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    // The installed TypeScript has no parser API for JavaScript programs; swc reads the imports.
    parser: "swc",
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    moduleSystems: ["es6", "cjs"],
    enhancedResolveOptions: {
      extensions: [".ts", ".js", ".json"],
      exportsFields: ["exports"],
      conditionNames: ["import", "node"],
    },
  },
};
