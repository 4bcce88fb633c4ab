// What was written without a connection: kept by the browser until it could be sent, whatever happens to the tab.

/** A record that waits to be sent; `state` is "refused" once the server has said no, and why is in `message`. */
export interface Waiting {
  id: string;
  who: string;
  url: string;
  page: string;
  body: { values: Record<string, unknown> };
  shown: Record<string, { text: string; title: string }>;
  labels: Record<string, string>;
  title: string;
  kind: string;
  at: string;
  state: "waiting" | "refused";
  message: string;
}

const STORE = "waiting";

async function store<T>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await opened();
  try {
    const transaction = database.transaction(STORE, mode);
    const asked = act(transaction.objectStore(STORE));
    return await new Promise((done, failed) => {
      // What is promised to be kept is on the disk when its transaction has ended.
      transaction.oncomplete = () => done(asked.result);
      transaction.onerror = transaction.onabort = () => failed(transaction.error ?? new Error("not kept"));
    });
  } finally {
    database.close();
  }
}

function opened(): Promise<IDBDatabase> {
  return new Promise((done, failed) => {
    const asked = indexedDB.open("joinery", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "id" });
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error ?? new Error("no storage"));
  });
}

export function put(waiting: Waiting): Promise<unknown> {
  return store("readwrite", (held) => held.put(waiting));
}

export function drop(id: string): Promise<unknown> {
  return store("readwrite", (held) => held.delete(id));
}

/** What one person wrote in one tenant, the oldest first. */
export async function waitingOf(who: string): Promise<Waiting[]> {
  const every = await store<Waiting[]>("readonly", (held) => held.getAll() as IDBRequest<Waiting[]>);
  return every.filter((each) => each.who === who).sort((a, b) => a.at.localeCompare(b.at));
}
