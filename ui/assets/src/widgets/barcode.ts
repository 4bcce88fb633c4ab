// A code that can be scanned, where the browser can read codes.
import { one, toast, word } from "../dom";

interface Detector {
  detect(source: HTMLVideoElement): Promise<{ rawValue: string }[]>;
}

type DetectorClass = new () => Detector;

export function start(place: HTMLElement): void {
  const button = one<HTMLButtonElement>("[data-scan]", place);
  const input = one<HTMLInputElement>("[data-input]", place);
  const detector = (window as { BarcodeDetector?: DetectorClass }).BarcodeDetector;
  if (!button || !input || !detector || !navigator.mediaDevices) return;
  button.hidden = false;
  button.addEventListener("click", () => void scan(place, input, new detector()));
}

async function scan(place: HTMLElement, input: HTMLInputElement, detector: Detector): Promise<void> {
  const dialog = one<HTMLDialogElement>("dialog", place);
  const video = one<HTMLVideoElement>("video", place);
  if (!dialog || !video) return;
  let stream: MediaStream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch {
    toast(word("noCamera"));
    return;
  }
  video.srcObject = stream;
  dialog.showModal();
  await video.play();
  while (dialog.open) {
    const [found] = await detector.detect(video);
    if (found) {
      input.value = found.rawValue;
      input.dispatchEvent(new Event("input", { bubbles: true }));
      dialog.close();
    }
    await new Promise((resolve) => window.setTimeout(resolve, 120));
  }
  for (const track of stream.getTracks()) track.stop();
}
