// A signature, drawn by finger or pen, kept as a picture.
import SignaturePad from "signature_pad";
import { make, one } from "../dom";
import { heldItems } from "../values";
import { fileUrl, upload } from "./files";

export function start(place: HTMLElement): void {
  const held = one<HTMLInputElement>("[data-holds]", place);
  const dialog = one<HTMLDialogElement>("dialog", place);
  const canvas = one<HTMLCanvasElement>("canvas", place);
  const shown = one("[data-files]", place);
  if (!held || !dialog || !canvas || !shown) return;
  const draw = (): void => {
    const [item] = heldItems(held);
    shown.replaceChildren(...(item ? [make("img", { src: fileUrl(place, item), alt: item.title })] : []));
    one("[data-clear]", place)?.toggleAttribute("hidden", !item);
    held.dataset["said"] = item?.title ?? "";
  };
  const keep = (text: string): void => {
    held.value = text;
    draw();
    held.dispatchEvent(new Event("input", { bubbles: true }));
  };
  let pad: SignaturePad | undefined;
  one("[data-sign]", place)?.addEventListener("click", () => {
    dialog.showModal();
    fit(canvas);
    pad ??= new SignaturePad(canvas, { penColor: "#1f2421", minWidth: 0.8, maxWidth: 2.6 });
    pad.clear();
  });
  one("[data-sign-again]", place)?.addEventListener("click", () => pad?.clear());
  one("[data-clear]", place)?.addEventListener("click", () => keep(""));
  one("[data-sign-done]", place)?.addEventListener("click", () => {
    canvas.toBlob((drawn) => {
      if (!drawn || pad?.isEmpty()) return dialog.close();
      void upload(place, shown, new File([drawn], "signature.png", { type: "image/png" })).then((item) => {
        if (item) keep(JSON.stringify([item]));
        dialog.close();
      });
    });
  });
  held.addEventListener("written", draw);
  draw();
}

/** Gives the canvas as many dots as the screen has, so that a line is as fine as it looks. */
function fit(canvas: HTMLCanvasElement): void {
  const ratio = Math.max(window.devicePixelRatio, 1);
  canvas.width = canvas.offsetWidth * ratio;
  canvas.height = canvas.offsetHeight * ratio;
  canvas.getContext("2d")?.scale(ratio, ratio);
}
