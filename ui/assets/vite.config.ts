// Builds what every page loads: one script, one style sheet, and the icons that templates draw.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
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

export default defineConfig({
  root: here("."),
  base: "./",
  plugins: [icons()],
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
    rollupOptions: { input: { main: here("main.ts") } },
  },
});
