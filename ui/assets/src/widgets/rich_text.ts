// Formatted text: an editor that keeps what the server keeps, and nothing else.
import { Editor, type ChainedCommands } from "@tiptap/core";
import StarterKit from "@tiptap/starter-kit";
import { all, one, word } from "../dom";

const COMMANDS: Record<string, (chain: ChainedCommands) => ChainedCommands> = {
  bold: (chain) => chain.toggleBold(),
  italic: (chain) => chain.toggleItalic(),
  underline: (chain) => chain.toggleUnderline(),
  strike: (chain) => chain.toggleStrike(),
  heading: (chain) => chain.toggleHeading({ level: 3 }),
  bulletList: (chain) => chain.toggleBulletList(),
  orderedList: (chain) => chain.toggleOrderedList(),
  blockquote: (chain) => chain.toggleBlockquote(),
  undo: (chain) => chain.undo(),
  redo: (chain) => chain.redo(),
};

export function start(place: HTMLElement): void {
  const held = one<HTMLTextAreaElement>("[data-holds]", place);
  const element = one("[data-rich-place]", place);
  if (!held || !element) return;
  element.replaceChildren();
  const editor = new Editor({
    element,
    content: held.value,
    injectCSS: false,
    extensions: [StarterKit.configure({ codeBlock: false, link: { openOnClick: false, autolink: true } })],
    editorProps: { attributes: { class: "rich-body", "data-part": "", "aria-labelledby": place.dataset["label"] ?? "", role: "textbox", "aria-multiline": "true" } },
    onUpdate: () => {
      held.value = editor.isEmpty ? "" : editor.getHTML();
      held.dataset["said"] = editor.getText();
      held.dispatchEvent(new Event("input", { bubbles: true }));
    },
    onTransaction: () => mark(place, editor),
  });
  held.dataset["said"] = editor.getText();
  held.addEventListener("written", () => editor.commands.setContent(held.value, { emitUpdate: false }));
  place.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-rich]") : null;
    if (button) press(editor, button.dataset["rich"] ?? "");
  });
}

function press(editor: Editor, name: string): void {
  if (name === "link") return link(editor);
  COMMANDS[name]?.(editor.chain().focus()).run();
}

function link(editor: Editor): void {
  const now = String(editor.getAttributes("link")["href"] ?? "");
  const address = window.prompt(word("linkAddress"), now || "https://");
  if (address === null) return;
  const chain = editor.chain().focus().extendMarkRange("link");
  if (/^(https?:|mailto:|tel:)\S+/.test(address) && address !== "https://") chain.setLink({ href: address }).run();
  else chain.unsetLink().run();
}

function mark(place: HTMLElement, editor: Editor): void {
  for (const button of all("[data-rich]", place)) {
    const name = button.dataset["rich"] ?? "";
    if (!["undo", "redo"].includes(name)) button.setAttribute("aria-pressed", String(editor.isActive(name)));
  }
}
