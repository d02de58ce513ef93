/** How the user called us, for the commands we suggest: by name, or through npm in a checkout. */
export const COMMAND_NAME =
  process.env.npm_lifecycle_event === "start" ? "npm start --" : "surmise";
