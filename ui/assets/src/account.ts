// The door and one's own account: passkeys of this device, instants in this zone.
import { all, one } from "./dom";

type Described = { id: string; type: PublicKeyCredentialType; transports?: AuthenticatorTransport[] };

/** What the server asks for, as JSON: bytes are written in base64url. */
type Said = Written<PublicKeyCredentialCreationOptions> | Written<PublicKeyCredentialRequestOptions>;
type Written<Options> = Omit<Options, "challenge" | "user" | "excludeCredentials" | "allowCredentials"> &
  (Options extends { user: unknown }
    ? { challenge: string; user: { id: string; name: string; displayName: string }; excludeCredentials?: Described[] }
    : { challenge: string; allowCredentials?: Described[] });

interface Asked {
  options: string;
  ticket: string;
}

export function startAccount(): void {
  for (const time of all<HTMLTimeElement>("time[data-instant]")) showInstant(time);
  if (!window.PublicKeyCredential) return;
  for (const form of all<HTMLFormElement>("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void answer(form);
    });
  }
}

function showInstant(time: HTMLTimeElement): void {
  const format = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
  time.textContent = format.format(new Date(time.dateTime));
}

/** Asks the device, puts its answer into the form and sends that. */
async function answer(form: HTMLFormElement): Promise<void> {
  const button = one<HTMLButtonElement>("button", form);
  const problem = one("[data-passkey-problem]", form);
  button?.setAttribute("aria-busy", "true");
  if (problem) problem.textContent = "";
  try {
    const response = await fetch(form.dataset["passkey"] ?? "", { headers: { Accept: "application/json" } });
    if (response.status === 401 || response.redirected) return location.reload();
    if (!response.ok) throw new Error(String(response.status));
    const asked = (await response.json()) as Asked;
    const given = await credentialOf(JSON.parse(asked.options) as Said);
    fill(form, "credential", JSON.stringify(given));
    fill(form, "ticket", asked.ticket);
    form.submit();
  } catch {
    if (problem) problem.textContent = problem.dataset["said"] ?? "";
    button?.removeAttribute("aria-busy");
  }
}

function fill(form: HTMLFormElement, name: string, value: string): void {
  const input = form.elements.namedItem(name);
  if (input instanceof HTMLInputElement) input.value = value;
}

async function credentialOf(options: Said): Promise<unknown> {
  const challenge = bytes(options.challenge);
  if ("user" in options) {
    const user = { ...options.user, id: bytes(options.user.id) };
    const publicKey = { ...options, challenge, user, excludeCredentials: described(options.excludeCredentials) };
    return made((await navigator.credentials.create({ publicKey })) as PublicKeyCredential);
  }
  const publicKey = { ...options, challenge, allowCredentials: described(options.allowCredentials) };
  return used((await navigator.credentials.get({ publicKey })) as PublicKeyCredential);
}

function described(list: Described[] = []): PublicKeyCredentialDescriptor[] {
  return list.map((each) => ({ ...each, id: bytes(each.id) }));
}

function made(credential: PublicKeyCredential): unknown {
  const response = credential.response as AuthenticatorAttestationResponse;
  return {
    ...named(credential),
    response: {
      clientDataJSON: text(response.clientDataJSON),
      attestationObject: text(response.attestationObject),
      transports: response.getTransports?.() ?? [],
    },
  };
}

function used(credential: PublicKeyCredential): unknown {
  const response = credential.response as AuthenticatorAssertionResponse;
  return {
    ...named(credential),
    response: {
      clientDataJSON: text(response.clientDataJSON),
      authenticatorData: text(response.authenticatorData),
      signature: text(response.signature),
      userHandle: response.userHandle ? text(response.userHandle) : null,
    },
  };
}

function named(credential: PublicKeyCredential): Record<string, unknown> {
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}

function bytes(value: string): Uint8Array<ArrayBuffer> {
  const plain = atob(value.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function text(buffer: ArrayBuffer): string {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}
