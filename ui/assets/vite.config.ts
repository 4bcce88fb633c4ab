// Builds what every page loads: one script, one style sheet, and the icons that templates draw.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { PurgeCSS } from "purgecss";
import { defineConfig, type Plugin } from "vite";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

type IconNode = [tag: string, attributes: Record<string, string>];

/** Emits `icons.json`, the inside of each outline icon by name, so that a menu may name any of them. */
function icons(): Plugin {
  return {
    name: "icons",
    apply: "build",
    generateBundle() {
      const nodes: Record<string, IconNode[]> = JSON.parse(
        readFileSync(here("node_modules/@tabler/icons/tabler-nodes-outline.json"), "utf8"),
      );
      const drawn = Object.entries(nodes).map(([name, shapes]) => [
        name,
        shapes
          .map(([tag, attributes]) => {
            const written = Object.entries(attributes).map(([key, value]) => `${key}="${value}"`);
            return `<${tag} ${written.join(" ")}/>`;
          })
          .join(""),
      ]);
      this.emitFile({
        type: "asset",
        fileName: "icons.json",
        source: JSON.stringify(Object.fromEntries(drawn)),
      });
    },
  };
}

/** Emits the letters that documents are printed with, and their licence, for the server to read. */
function letters(): Plugin {
  const from = "node_modules/@expo-google-fonts/noto-sans-sc";
  const files = {
    "regular.ttf": "400Regular/NotoSansSC_400Regular.ttf",
    "bold.ttf": "700Bold/NotoSansSC_700Bold.ttf",
    "LICENSE": "LICENSE_FONT",
  };
  return {
    name: "letters",
    apply: "build",
    generateBundle() {
      for (const [name, path] of Object.entries(files)) {
        this.emitFile({ type: "asset", fileName: `letters/${name}`, source: readFileSync(here(`${from}/${path}`)) });
      }
    },
  };
}

const TABLER = '@import "@tabler/core/dist/css/tabler.min.css" layer(tabler);';

/** Leaves of Tabler what templates and scripts name: three quarters of it would only be waited for. */
function named(): Plugin {
  return {
    name: "named",
    apply: "build",
    enforce: "pre",
    async transform(code) {
      if (!code.includes(TABLER)) return null;
      const [found] = await new PurgeCSS().purge({
        content: ["../templates/**/*.html", "../widgets/*.py", "../viewmodels/**/*.py", "src/**/*.ts"].map((path) => here(path)),
        css: [{ raw: readFileSync(here("node_modules/@tabler/core/dist/css/tabler.min.css"), "utf8") }],
        variables: true,
        keyframes: true,
      });
      // A layer that is named first stands below everything that is in none, wherever it is written.
      return { code: `${code.replace(TABLER, "@layer tabler;")}\n@layer tabler {${found?.css ?? ""}}`, map: null };
    },
  };
}

export default defineConfig({
  root: here("."),
  base: "./",
  plugins: [named(), icons(), letters()],
  resolve: {
    // The formula runtime lives beside its back ends, outside this folder's node_modules.
    alias: {
      "decimal.js": here("node_modules/decimal.js/decimal.mjs"),
      "@formula": here("../../formula/backends"),
    },
  },
  build: {
    outDir: here("../static/dist"),
    emptyOutDir: true,
    manifest: "manifest.json",
    target: "es2022",
    assetsInlineLimit: 0,
    rollupOptions: {
      input: { main: here("main.ts"), worker: here("src/worker/worker.ts") },
      // The worker stands at an address of its own, which never changes.
      output: { entryFileNames: (chunk) => (chunk.name === "worker" ? "worker.js" : "assets/[name]-[hash].js") },
    },
  },
});
