// Files of a field: dropped or chosen, sent one after another with their progress, shown with a preview.
import { icon, make, one, toast, word } from "../dom";
import { csrf } from "../net";
import { heldItems, type Item } from "../values";

interface Sent {
  status: number;
  body: Record<string, unknown>;
}

export function start(place: HTMLElement): void {
  const held = one<HTMLInputElement>("[data-holds]", place);
  const input = one<HTMLInputElement>("input[type=file]", place);
  const list = one("[data-files]", place);
  if (!held || !input || !list) return;
  const many = place.dataset["many"] !== undefined;
  const draw = (): void => {
    const items = heldItems(held);
    list.replaceChildren(...items.map((item) => line(item, fileUrl(place, item))));
    held.dataset["said"] = items.map((item) => item.title).join(", ");
  };
  const keep = (items: Item[]): void => {
    held.value = items.length ? JSON.stringify(items) : "";
    draw();
    held.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const take = async (files: File[]): Promise<void> => {
    for (const file of many ? files : files.slice(0, 1)) {
      const item = await upload(place, list, file);
      if (item) keep([...(many ? heldItems(held) : []), item]);
    }
  };
  input.addEventListener("change", () => {
    void take([...(input.files ?? [])]);
    input.value = "";
  });
  place.addEventListener("dragover", (event) => {
    event.preventDefault();
    place.classList.add("is-over");
  });
  for (const ended of ["dragleave", "drop"]) place.addEventListener(ended, () => place.classList.remove("is-over"));
  place.addEventListener("drop", (event) => {
    event.preventDefault();
    void take([...(event.dataTransfer?.files ?? [])]);
  });
  place.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length) void take(files);
  });
  list.addEventListener("click", (event) => {
    const cross = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-file-remove]") : null;
    if (cross) keep(heldItems(held).filter((item) => item.id !== cross.dataset["fileRemove"]));
  });
  held.addEventListener("written", draw);
  draw();
}

/** Where a file is read; a picture also `small`. */
export function fileUrl(place: HTMLElement, item: Item): string {
  return `${place.dataset["uploadUrl"] ?? ""}/${item.id}`;
}

function line(item: Item, url: string): HTMLElement {
  const cross = make("button", { type: "button", class: "chip-remove", "data-file-remove": item.id, "aria-label": `${word("remove")} ${item.title}` }, icon("x"));
  const picture = String(item["type"] ?? "").startsWith("image/");
  const face = picture ? make("img", { src: `${url}?small=1`, alt: "", loading: "lazy" }) : make("span", { class: "file-kind" }, ending(item.title));
  const name = make("a", { href: url, target: "_blank", rel: "noopener" }, item.title);
  return make("li", { class: "file-line" }, face, name, make("small", {}, size(Number(item["size"] ?? 0))), cross);
}

function ending(name: string): string {
  return (name.split(".").length > 1 ? (name.split(".").pop() ?? "") : "").slice(0, 4).toUpperCase();
}

export function size(bytes: number): string {
  if (!bytes) return "";
  const unit = Math.min(Math.floor(Math.log(bytes) / Math.log(1024)), 3);
  return `${(bytes / 1024 ** unit).toFixed(unit && bytes / 1024 ** unit < 10 ? 1 : 0)} ${["B", "KB", "MB", "GB"][unit]}`;
}

/** Sends one file; answers it as the server keeps it, or says why it was not taken. */
export async function upload(place: HTMLElement, list: HTMLElement, file: File): Promise<Item | null> {
  const progress = make("progress", { max: "100", value: "0" }) as HTMLProgressElement;
  const waiting = make("li", { class: "file-line is-sending" }, make("span", { class: "file-kind" }, ending(file.name)), make("span", {}, file.name), progress);
  list.append(waiting);
  place.dataset["sending"] = String(Number(place.dataset["sending"] ?? 0) + 1);
  const answer = await transfer(place.dataset["uploadUrl"] ?? "", file, (share) => (progress.value = share * 100));
  waiting.remove();
  const left = Number(place.dataset["sending"]) - 1;
  if (left) place.dataset["sending"] = String(left);
  else delete place.dataset["sending"];
  if (answer.status >= 200 && answer.status < 300) {
    const kept = answer.body;
    return { ...(kept as Item), id: String(kept["id"]), title: String(kept["name"] ?? file.name), size: Number(kept["size"] ?? file.size), type: String(kept["type"] ?? file.type) };
  }
  const errors = (answer.body["errors"] ?? []) as { message: string }[];
  const why = errors.map((error) => error.message).join(" ") || String(answer.body["detail"] ?? answer.body["message"] ?? word("offline"));
  toast(`${file.name}: ${why}`);
  return null;
}

function transfer(url: string, file: File, progressed: (share: number) => void): Promise<Sent> {
  const request = new XMLHttpRequest();
  const body = new FormData();
  body.append("file", file);
  return new Promise((resolve) => {
    request.upload.addEventListener("progress", (event) => event.lengthComputable && progressed(event.loaded / event.total));
    request.addEventListener("loadend", () => resolve({ status: request.status, body: answered(request) }));
    request.open("POST", url);
    request.setRequestHeader("X-CSRF-Token", csrf());
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Accept-Language", document.documentElement.lang);
    request.send(body);
  });
}

function answered(request: XMLHttpRequest): Record<string, unknown> {
  try {
    return JSON.parse(request.responseText) as Record<string, unknown>;
  } catch {
    return {};
  }
}
