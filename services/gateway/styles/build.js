// Makes gateway_service/pages/static/vendor: the part of Bootstrap that the pages use, htmx, and Swagger UI.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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
// In one file: htmx looks at the page as soon as it has run, and would not wait for an extension that comes later.
const htmx = ["htmx.min.js", "ext/hx-sse.min.js"].map((name) => here(`../node_modules/htmx.org/dist/${name}`));
writeFileSync(made + "htmx.js", htmx.map((file) => readFileSync(file, "utf8")).join(";\n"));
for (const [name, file] of [["swagger.js", "swagger-ui-bundle.js"], ["swagger.css", "swagger-ui.css"]])
  copyFileSync(here(`../node_modules/swagger-ui-dist/${file}`), made + name);
