import type { ComponentType } from "react";

type Load = () => Promise<{ Component: ComponentType }>;

const loads: Load[] = [];

/** A page in a file of its own, which is loaded when it is opened, or by {@link loadPages}. */
export function lazily<Name extends string>(
  load: () => Promise<Record<Name, ComponentType>>,
  name: Name,
): Load {
  const loadPage = async () => {
    try {
      return { Component: (await load())[name] };
    } catch (cause) {
      throw new PageNotLoadedError(cause);
    }
  };
  loads.push(loadPage);
  return loadPage;
}

/** Loads every page ahead of need, so that whoever goes offline can still go from one to the other. */
export async function loadPages(): Promise<void> {
  await Promise.allSettled(loads.map((load) => load()));
}

/** The file of a page could not be had: we are offline, or the app was replaced by a newer one. */
export class PageNotLoadedError extends Error {
  override readonly name = "PageNotLoadedError";

  constructor(cause: unknown) {
    super("The page could not be loaded.", { cause });
  }
}
