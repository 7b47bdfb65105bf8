// Makes gateway_service/pages/static/vendor: the part of Bootstrap that the pages use, and htmx.
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as sass from "sass";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const made = here("../gateway_service/pages/static/vendor/");

rmSync(made, { recursive: true, force: true });
mkdirSync(made, { recursive: true });
const { css } = sass.compile(here("bootstrap.scss"), {
  loadPaths: [here("../node_modules")],
  style: "compressed",
  quietDeps: true,
  silenceDeprecations: ["import", "global-builtin"], // Bootstrap 5 is made for it
});
writeFileSync(made + "bootstrap.css", css);
copyFileSync(here("../node_modules/htmx.org/dist/htmx.min.js"), made + "htmx.js");
copyFileSync(here("../node_modules/htmx.org/dist/ext/hx-sse.min.js"), made + "htmx-sse.js");
